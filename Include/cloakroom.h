/*
 * cloakroom.h -- the whole C interface of libcloakroom.
 * What is not declared here is not part of the interface.  These rules hold
 * for every function, unless its own comment says otherwise:
 *
 * Ownership  Handles are opaque: one function makes each, its _free ends it,
 *            once; freeing NULL does nothing.  Slices passed in are borrowed
 *            for the call.  Slices handed out live, unmoved, until their
 *            handle is freed: hosts need not copy them.
 * Results    Out-parameters come last and are written only on success.  A
 *            negative status is a failed call; a refused token is no failure
 *            but a decision.  A NULL handle gives MISUSE, 0, -1 or NULL.
 * Threads    An engine may be called from any thread, a request from one at a
 *            time.  Two engines share nothing.  A const parameter is only read.
 * Blocking   Only cloakroom_engine_new, _free and _request_wait may wait.
 * Fork       No thread or descriptor exists before cloakroom_engine_new: make
 *            configs (they read secret files) before fork(), engines after it;
 *            never touch an engine of the parent.
 * Callbacks  cloakroom_log_fn alone: it runs inside a call the host made, on
 *            that thread, and must not call the library.
 * Growth     Numbers are never reused; structs with struct_size grow at their
 *            end.  A host that meets an unknown decision refuses (503).
 */
#ifndef CLOAKROOM_H
#define CLOAKROOM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLOAKROOM_VERSION_NUMBER 0x000100u           /* 0xMMmmpp: 0.1.0 */
uint32_t cloakroom_version_number(void);             /* of the loaded library */

/* UTF-8 bytes, counted, not NUL-terminated.  {NULL, 0}: absent. */
typedef struct cloakroom_str { const char *data; size_t len; } cloakroom_str;
typedef struct cloakroom_header { cloakroom_str name, value; } cloakroom_header;

typedef int32_t cloakroom_status;
enum {
    CLOAKROOM_OK             =  0,
    CLOAKROOM_PENDING        =  1,    /* no decision yet: wait for the fd */
    CLOAKROOM_MISUSE         = -1,    /* a rule of this file was broken */
    CLOAKROOM_INVALID_CONFIG = -2,    /* cloakroom_error.message tells */
    CLOAKROOM_NOT_FOUND      = -3,    /* no such header index or claim */
    CLOAKROOM_LIMIT          = -4,    /* too big, or too many in flight */
    CLOAKROOM_SYSTEM         = -5     /* the operating system refused */
};
const char *cloakroom_status_name(cloakroom_status status);  /* static */

/* Caller-owned; NULL where it is not wanted.  Never holds a secret. */
typedef struct cloakroom_error { cloakroom_status code; char message[252]; }
    cloakroom_error;

/* level: -1 emergency (no session can be served until somebody helps), 0 error,
 * 1 warning, 2 info, 3 debug.  No token or secret in line. */
typedef void (*cloakroom_log_fn)(void *data, int32_t level, cloakroom_str line);

/* ---- Configuration: no thread, no network ------------------------------- */
typedef struct cloakroom_config cloakroom_config;
cloakroom_status cloakroom_config_new(cloakroom_config **config_out);

/*
 * Sets one setting of the settings table.  section is absent for the settings
 * of the whole library ("store", "key_file"), "provider/NAME" for an identity
 * provider and its sessions ("issuer", "client_id"), "policy/NAME" for what a
 * request must bring ("mode", "provider", "audience").  Lists are separated by
 * spaces; a setting given twice is an error.  Secret files are read here.
 */
cloakroom_status cloakroom_config_set(cloakroom_config *config,
    cloakroom_str section, cloakroom_str name, cloakroom_str value,
    cloakroom_error *error);

/* Checks one section, or all of them when section is absent, for what is
 * missing and what contradicts ("nginx -t"); engine_new repeats it. */
cloakroom_status cloakroom_config_validate(const cloakroom_config *config,
    cloakroom_str section, cloakroom_error *error);
void cloakroom_config_free(cloakroom_config *config);

/* ---- Engine: one for each worker process or event-loop thread ----------- */
typedef struct cloakroom_engine cloakroom_engine;
typedef struct cloakroom_request cloakroom_request;

/* Copies the config and starts the I/O threads (all signals blocked there),
 * which open the store.  log may be NULL. */
cloakroom_status cloakroom_engine_new(const cloakroom_config *config,
    cloakroom_log_fn log, void *log_data, cloakroom_error *error,
    cloakroom_engine **engine_out);

/* Readable while cloakroom_engine_next has work; level- or edge-triggered.
 * Only poll it: the library reads it and closes it. */
int cloakroom_engine_fd(const cloakroom_engine *engine);

/* Finishes requests, hands out log lines; returns the next request that got
 * its decision, each once, or NULL: then wait for the fd.  A host that stops
 * before NULL must call again without waiting. */
cloakroom_request *cloakroom_engine_next(cloakroom_engine *engine);

/* 1 where the policy answers this target (path, or path and query) itself:
 * login, callback, logout and session below the prefix.  A host that guards
 * only some of its paths sends those to cloakroom_request_start as well. */
int32_t cloakroom_engine_answers(const cloakroom_engine *engine,
    cloakroom_str policy, cloakroom_str target);

/* Starts nothing new; token answers already asked for are awaited and stored,
 * up to shutdown_timeout; then all I/O ends.  Requests that are left stay
 * undecided; their owner frees them, before or after, or leaves them to the
 * process's end.  Call it before exit(): OpenSSL is taken down there, under the
 * feet of whatever thread still runs. */
void cloakroom_engine_free(cloakroom_engine *engine);

/* ---- Request: what to do with one HTTP request -------------------------- */
typedef struct cloakroom_request_info {
    size_t struct_size;               /* sizeof(cloakroom_request_info) */
    cloakroom_str method, scheme, authority;
    cloakroom_str target;             /* path and query as received */
    cloakroom_str client_address;     /* text form */
    cloakroom_str policy;             /* of the config; absent: "default" */
    const cloakroom_header *headers;  /* all received, in order; names repeat */
    size_t header_count;
    void *host_data;                  /* handed back, never read */
} cloakroom_request_info;

/* OK: decided at once.  PENDING: cloakroom_engine_next will return it. */
cloakroom_status cloakroom_request_start(cloakroom_engine *engine,
    const cloakroom_request_info *info, cloakroom_request **request_out);

/* For a host without an event loop: sleeps until this request is decided (OK)
 * or timeout_ms have passed (PENDING).  From the first call on (0 ms will do)
 * cloakroom_engine_next does not return it; until then another thread's may. */
cloakroom_status cloakroom_request_wait(cloakroom_request *request,
    int32_t timeout_ms);

typedef int32_t cloakroom_decision;
enum {
    CLOAKROOM_DECISION_NONE    = 0,   /* not decided yet */
    CLOAKROOM_DECISION_FORWARD = 1,   /* pass on, after the header edits */
    CLOAKROOM_DECISION_RESPOND = 2    /* answer with status, headers, body */
};
cloakroom_decision cloakroom_request_decision(const cloakroom_request *request);
int32_t cloakroom_request_response_status(const cloakroom_request *request);
cloakroom_str cloakroom_request_response_body(const cloakroom_request *request);

/*
 * UPSTREAM: the first entry of a name replaces all header fields of that name
 * before forwarding (absent value: only removes them); names compare without
 * case and with '_' and '-' as one.  A host that forwards in spite of RESPOND
 * (another rule admits the request) applies them all the same.
 * CLIENT: is added to the answer, also of a forwarded request.
 * NOT_FOUND ends the list.
 */
enum { CLOAKROOM_HEADERS_UPSTREAM = 0, CLOAKROOM_HEADERS_CLIENT = 1 };
cloakroom_status cloakroom_request_header(const cloakroom_request *request,
    int32_t list, size_t index, cloakroom_header *header_out);

/* All entries of a list at once: how many, and where the first lies; 0 where
 * there is none or no decision. */
size_t cloakroom_request_headers(const cloakroom_request *request,
    int32_t list, const cloakroom_header **headers_out);

/* Asked for each header of the upstream's answer to a forwarded request: 0
 * leaves it out (a Set-Cookie of our own name). */
int32_t cloakroom_request_keeps_header(const cloakroom_request *request,
    cloakroom_str name, cloakroom_str value);

/* A verified claim: strings as they are, the rest as JSON text. */
cloakroom_status cloakroom_request_claim(const cloakroom_request *request,
    cloakroom_str name, cloakroom_str *value_out);

/* Why, in one stable word for logs and tests: "ok", "token_expired", ... */
cloakroom_str cloakroom_request_reason(const cloakroom_request *request);

/*
 * How it came to that, in one line for people: what was looked at, in order,
 * and what refused.  No token, cookie or subject is in it.  Worked out from
 * what is known when it is asked for, with all checks made again: for a debug
 * log, not for every request.  Its words may change; those of _reason do not.
 */
cloakroom_str cloakroom_request_explain(const cloakroom_request *request);

/* "none", "active", "refreshing" (served while a refresh runs behind it) or
 * "ended"; absent where the policy knows no sessions. */
cloakroom_str cloakroom_request_session_state(const cloakroom_request *request);
void *cloakroom_request_host_data(const cloakroom_request *request);

/* At any time; a request that cloakroom_engine_next has not returned yet is
 * cancelled and never returned. */
void cloakroom_request_free(cloakroom_request *request);

#ifdef __cplusplus
}
#endif
#endif /* CLOAKROOM_H */
