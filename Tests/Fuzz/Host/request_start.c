/*
 * libFuzzer's way into cloakroom_request_start: a host that hands over whatever
 * it got.
 *
 * Input: "METHOD TARGET POLICY\n", then "Name: value\n" for each header field.
 * A POLICY of "-" is absent; a value of "-" is, too; one of "!" is a slice that
 * cannot be, which is misuse.  Each slice ends where readable memory does, and
 * is overwritten as soon as the call has returned.
 */
#define _GNU_SOURCE
#include <cloakroom.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS      132
#define SLOT_PAGES 3
#define MAX_FIELDS 60

static cloakroom_engine *engine;
static char             *slots;
static size_t            page, used;
static volatile unsigned checksum;


static void
promise(int holds, const char *sentence)
{
    if (!holds) {
        fprintf(stderr, "BROKEN PROMISE: %s\n", sentence);
        abort();
    }
}


/* A slice whose end is the end of readable memory. */
static cloakroom_str
guarded(const char *data, size_t len)
{
    char          *end = slots + (used + 1) * (SLOT_PAGES + 1) * page - page;
    cloakroom_str  slice;

    if (len > SLOT_PAGES * page) {
        len = SLOT_PAGES * page;
    }
    used++;
    slice.data = memcpy(end - len, data, len);
    slice.len = len;
    return slice;
}


static void
overwrite_slots(void)
{
    size_t  i;

    for (i = 0; i < used; i++) {
        memset(slots + i * (SLOT_PAGES + 1) * page, 0xA5, SLOT_PAGES * page);
    }
    used = 0;
}


/* Reads each byte: what was handed out must be there. */
static void
read_slice(cloakroom_str slice)
{
    size_t  i;

    promise(slice.data != NULL || slice.len == 0, "no data, no length");
    for (i = 0; i < slice.len; i++) {
        checksum += (unsigned char) slice.data[i];
    }
}


static void
set(cloakroom_config *config, const char *section, const char *name, const char *value)
{
    cloakroom_error  error;
    cloakroom_str    s = { section, section == NULL ? 0 : strlen(section) };
    cloakroom_str    n = { name, strlen(name) }, v = { value, strlen(value) };

    if (cloakroom_config_set(config, s, n, v, &error) != CLOAKROOM_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char  key[] = "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    char               path[64];
    int                i, fd = memfd_create("secrets", 0);
    cloakroom_config  *config;
    cloakroom_error    error;

    (void) argc;
    (void) argv;
    promise(fd >= 0 && write(fd, key, sizeof(key) - 1) > 0, "there is a key file");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    promise(cloakroom_config_new(&config) == CLOAKROOM_OK, "there is a config");

    set(config, NULL, "store", "memory");
    set(config, NULL, "key_file", path);
    set(config, NULL, "development", "on");
    /* Nobody listens there: what waits for the provider is refused at once. */
    set(config, "provider/idp", "issuer", "http://127.0.0.1:1");
    set(config, "provider/idp", "client_id", "app");
    set(config, "provider/idp", "client_secret_file", path);
    set(config, "provider/idp", "origin", "https://app.example");
    set(config, "policy/web", "mode", "session");
    set(config, "policy/web", "provider", "idp");
    set(config, "policy/api", "mode", "bearer");
    set(config, "policy/api", "provider", "idp");
    set(config, "policy/api", "audience", "api");
    set(config, "policy/default", "mode", "endpoints");
    set(config, "policy/default", "provider", "idp");
    if (cloakroom_engine_new(config, NULL, NULL, &error, &engine) != CLOAKROOM_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    cloakroom_config_free(config);

    page = (size_t) sysconf(_SC_PAGESIZE);
    slots = mmap(NULL, SLOTS * (SLOT_PAGES + 1) * page, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    promise(slots != MAP_FAILED, "there is memory");
    for (i = 0; i < SLOTS; i++) {
        mprotect(slots + ((size_t) (i + 1) * (SLOT_PAGES + 1) - 1) * page, page, PROT_NONE);
    }
    return 0;
}


/* The bytes up to the separator; the rest moves on behind it. */
static cloakroom_str
take(const char **rest, size_t *left, char separator)
{
    const char    *start = *rest, *end = memchr(start, separator, *left);
    cloakroom_str  part = { start, end == NULL ? *left : (size_t) (end - start) };
    size_t         gone = part.len + (end != NULL);

    *rest += gone;
    *left -= gone;
    return part;
}


/* Asks for all that a decision has. */
static void
look_at(cloakroom_request *request)
{
    static const cloakroom_str  name = { "Set-Cookie", 10 }, sub = { "sub", 3 };
    cloakroom_header            header;
    cloakroom_decision          decision = cloakroom_request_decision(request);
    cloakroom_str               claim;
    int                         list, status = cloakroom_request_response_status(request);
    size_t                      i;

    promise(decision >= CLOAKROOM_DECISION_NONE && decision <= CLOAKROOM_DECISION_RESPOND,
            "the decision is one that is known");
    promise(decision == CLOAKROOM_DECISION_RESPOND ? status >= 200 && status < 600 : status == 0,
            "an answer has a status, and nothing else has");
    for (list = 0; list < 3; list++) {
        for (i = 0; cloakroom_request_header(request, list, i, &header) == CLOAKROOM_OK; i++) {
            promise(list < 2 && i < 1000, "lists have an end, and there are two");
            promise(header.name.len > 0, "a header field has a name");
            read_slice(header.name);
            read_slice(header.value);
            cloakroom_request_keeps_header(request, name, header.value);
        }
    }
    read_slice(cloakroom_request_response_body(request));
    read_slice(cloakroom_request_reason(request));
    read_slice(cloakroom_request_explain(request));
    read_slice(cloakroom_request_session_state(request));
    if (cloakroom_request_claim(request, sub, &claim) == CLOAKROOM_OK) {
        read_slice(claim);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char             *rest = (const char *) data;
    int                     is_misuse = 0;
    size_t                  left = size;
    cloakroom_str           line, part;
    cloakroom_header        headers[MAX_FIELDS];
    cloakroom_request      *request = NULL;
    cloakroom_status        status;
    cloakroom_request_info  info;

    memset(&info, 0, sizeof(info));
    info.struct_size = sizeof(info);
    line = take(&rest, &left, '\n');
    part = take(&line.data, &line.len, ' ');
    info.method = guarded(part.data, part.len);
    part = take(&line.data, &line.len, ' ');
    info.target = guarded(part.data, part.len);
    if (line.len != 1 || line.data[0] != '-') {
        info.policy = guarded(line.data, line.len);
    }
    info.headers = headers;
    while (left > 0 && info.header_count < MAX_FIELDS) {
        cloakroom_header  *header = &headers[info.header_count++];

        line = take(&rest, &left, '\n');
        part = take(&line.data, &line.len, ':');
        header->name = guarded(part.data, part.len);
        memset(&header->value, 0, sizeof(header->value));
        if (line.len == 1 && line.data[0] == '!') {
            header->value.len = info.header_count % 2 ? 1 : (size_t) SSIZE_MAX + 1;
            is_misuse = 1;
        } else if (line.len != 1 || line.data[0] != '-') {
            header->value = guarded(line.data, line.len);
        }
    }
    info.host_data = &info;

    cloakroom_engine_answers(engine, info.policy, info.target);
    status = cloakroom_request_start(engine, &info, &request);
    promise(is_misuse ? status == CLOAKROOM_MISUSE
                      : status == CLOAKROOM_OK || status == CLOAKROOM_PENDING,
            "a request is started, unless a slice cannot be");
    promise((status < 0) == (request == NULL), "only success gives a request");
    overwrite_slots();
    if (request != NULL) {
        look_at(request);
        if (status == CLOAKROOM_PENDING) {
            status = cloakroom_request_wait(request, size % 4 == 0);
            promise(status == CLOAKROOM_OK || status == CLOAKROOM_PENDING, "waiting has an end");
            look_at(request);
        }
        promise(cloakroom_request_host_data(request) == &info, "the host gets its data back");
        cloakroom_request_free(request);
    }
    while (cloakroom_engine_next(engine) != NULL) {
        /* What was freed is never returned. */
        promise(0, "a freed request is gone");
    }
    return 0;
}
