/* See turns.c. */
#ifndef TURNS_H
#define TURNS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <cloakroom.h>

#include <openssl/evp.h>
#include <stddef.h>
#include <time.h>

#define MAX_ROUNDS   4000
#define MAX_THREADS  4


typedef struct {
    char    *line;       /* "Bearer ", and behind it the token */
    char    *text;
    size_t   len;
    size_t   first;      /* the dots */
    size_t   second;
} token_t;

typedef struct {
    EVP_MD_CTX    *md;
    EVP_PKEY_CTX  *key;
    size_t         next;
} lane_t;

typedef struct library_s  library_t;
typedef struct candidate_s  candidate_t;

struct library_s {
    const char *name;
    typeof(cloakroom_config_new)        *config_new;
    typeof(cloakroom_config_set)        *config_set;
    typeof(cloakroom_config_free)       *config_free;
    typeof(cloakroom_engine_new)        *engine_new;
    typeof(cloakroom_engine_free)       *engine_free;
    typeof(cloakroom_request_start)     *start;
    typeof(cloakroom_request_wait)      *wait;
    typeof(cloakroom_request_decision)  *decision;
    typeof(cloakroom_request_reason)    *reason;
    typeof(cloakroom_request_free)      *free;
};

struct candidate_s {
    char               name[64];
    int              (*check)(candidate_t *candidate, lane_t *lane, token_t *token);
    library_t         *library;
    cloakroom_engine  *engine;
    const char        *policy;
    lane_t             lanes[MAX_THREADS];
    double             times[MAX_ROUNDS];
    double             mallocs;
};


/* of the tokens */
extern const char  *alg, *kid, *issuer, *audience;
extern EVP_PKEY    *pkey;
extern EVP_MD      *sha256;

void fail(const char *what);
double now(clockid_t clock);

void prepare_tokens(const char *key_file);
void make_token(token_t *token, size_t number);
size_t decode(unsigned char *out, const char *in, size_t len);

int check_bare(candidate_t *candidate, lane_t *lane, token_t *token);
int check_jansson(candidate_t *candidate, lane_t *lane, token_t *token);
#ifdef WITH_CJOSE
void make_cjose_key(const char *jwk);
int check_cjose(candidate_t *candidate, lane_t *lane, token_t *token);
#endif

library_t *load(char *path);
cloakroom_engine *make_engine(library_t *library, const char *settings, const char *cache);
long resident(void);
void time_load(char *path);
int check_library(candidate_t *candidate, lane_t *lane, token_t *token);
#endif
