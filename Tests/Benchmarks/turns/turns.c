/*
 * What the check of a bearer token costs beside the bare check of its
 * signature, in one process and in turns.
 *
 *     turns verify SETTINGS KEY.pem ALG KID ISSUER AUDIENCE ROUNDS TOKENS THREADS LIB...
 *     turns heap   SETTINGS KEY.pem ALG KID ISSUER AUDIENCE COUNT  TOKENS 1       LIB
 *     turns check  ... as heap
 *     turns load   LIB
 *
 * Candidates are slices of a few milliseconds of CPU time in rotation; a ratio
 * is that of two slices of the same round.  Printed, one line a candidate:
 * name, ratio to `bare` (first quartile, median, third), microseconds (same),
 * calls of malloc a check.  A LIB may be followed by "=NAME".
 *
 *   bare      base64url of the signature, SHA-2 on a kept EVP_MD_CTX with a
 *             fetched EVP_MD, EVP_PKEY_verify on a kept EVP_PKEY_CTX; for
 *             EdDSA EVP_DigestVerify on a context that was initialised once
 *   jansson   the same, with header and claims read by jansson, and exp, iss
 *             and aud compared
 *   cjose     cjose and jansson, where compiled with -DWITH_CJOSE
 *   LIB       cloakroom_request_start to _free with 12 header fields, of an
 *             engine that remembers no token (-none), and of one whose memory
 *             is full of others (-full)
 */
#include "turns.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE        8e6
#define WARM_UP      5e5
#define MAX_CANDS    12


static const char  *settings;
static token_t     *tokens;
static size_t       token_count;
static int          thread_count = 1;


/* calls of malloc: every library of the process gets these */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *place, size_t size);
static __thread unsigned long  mallocs;

void *malloc(size_t size) { mallocs++; return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { mallocs++; return __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { mallocs++; return __libc_realloc(p, size); }


void
fail(const char *what)
{
    fprintf(stderr, "turns: %s\n", what);
    exit(1);
}


double
now(clockid_t clock)
{
    struct timespec  ts;

    clock_gettime(clock, &ts);

    return ts.tv_sec * 1e9 + ts.tv_nsec;
}


/* turns */

typedef struct {
    candidate_t        *candidate;
    int                 number;
    double              time;
    unsigned long       mallocs;
    pthread_barrier_t  *barrier;
} turn_t;


/* nanoseconds of CPU that `count` checks took */

static double
take_slice(turn_t *turn, lane_t *lane, double length, unsigned long *count)
{
    double  start, spent;

    start = now(CLOCK_THREAD_CPUTIME_ID);
    *count = 0;

    do {
        /* threads go through different tokens */
        if (!turn->candidate->check(turn->candidate, lane,
                                    &tokens[(lane->next++ + turn->number * token_count / 2)
                                            % token_count]))
        {
            fail(turn->candidate->name);
        }

        (*count)++;
        spent = (*count & 3) ? 0 : now(CLOCK_THREAD_CPUTIME_ID) - start;
    } while (spent < length);

    return spent;
}


static void *
take_turn(void *data)
{
    turn_t         *turn = data;
    lane_t         *lane = &turn->candidate->lanes[turn->number];
    double          spent;
    unsigned long   count, before;

    pthread_barrier_wait(turn->barrier);

    /* what the others have left in the caches is not this one's */
    (void) take_slice(turn, lane, WARM_UP, &count);

    before = mallocs;
    spent = take_slice(turn, lane, SLICE, &count);
    turn->time = spent / count;
    turn->mallocs = (mallocs - before) / count;

    return NULL;
}


/* threads that live on, as workers do */

static struct {
    pthread_t           thread;
    pthread_barrier_t   ready;
    pthread_barrier_t   done;
    turn_t             *turn;
} workers[MAX_THREADS];


static void *
work(void *data)
{
    long  number = (long) data;

    for ( ;; ) {
        pthread_barrier_wait(&workers[number].ready);
        take_turn(workers[number].turn);
        pthread_barrier_wait(&workers[number].done);
    }

    return NULL;
}


static void
hand_over(long number, turn_t *turn)
{
    if (workers[number].thread == 0) {
        pthread_barrier_init(&workers[number].ready, NULL, 2);
        pthread_barrier_init(&workers[number].done, NULL, 2);
        pthread_create(&workers[number].thread, NULL, work, (void *) number);
    }

    workers[number].turn = turn;
    pthread_barrier_wait(&workers[number].ready);
}


/* nanoseconds of CPU a check */

static double
measure(candidate_t *candidate)
{
    int                i;
    double             sum;
    turn_t             turns[MAX_THREADS];
    pthread_barrier_t  barrier;

    pthread_barrier_init(&barrier, NULL, thread_count);

    for (i = 0; i < thread_count; i++) {
        turns[i] = (turn_t) { .candidate = candidate, .number = i, .barrier = &barrier };
    }

    if (thread_count == 1) {
        take_turn(&turns[0]);
        candidate->mallocs = turns[0].mallocs;
        return turns[0].time;
    }

    for (i = 0; i < thread_count; i++) {
        hand_over(i, &turns[i]);
    }

    for (i = 0, sum = 0; i < thread_count; i++) {
        pthread_barrier_wait(&workers[i].done);
        sum += turns[i].time;
    }

    pthread_barrier_destroy(&barrier);
    candidate->mallocs = turns[0].mallocs;

    return sum / thread_count;
}


static int
by_size(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


static double
quartile(double *sorted, int count, int which)
{
    return sorted[(count - 1) * which / 4];
}


static void
report(candidate_t *candidate, candidate_t *bare, int rounds)
{
    int            i;
    static double  ratios[MAX_ROUNDS], micros[MAX_ROUNDS];

    for (i = 0; i < rounds; i++) {
        ratios[i] = bare->times[i] / candidate->times[i];
        micros[i] = candidate->times[i] / 1000;
    }

    qsort(ratios, rounds, sizeof(double), by_size);
    qsort(micros, rounds, sizeof(double), by_size);
    printf("%s %.4f %.4f %.4f %.2f %.2f %.2f %.0f\n", candidate->name,
           quartile(ratios, rounds, 1), quartile(ratios, rounds, 2), quartile(ratios, rounds, 3),
           quartile(micros, rounds, 1), quartile(micros, rounds, 2), quartile(micros, rounds, 3),
           candidate->mallocs);
}


static candidate_t *
add(candidate_t *list, int *count, const char *name,
    int (*check)(candidate_t *, lane_t *, token_t *))
{
    candidate_t  *candidate = &list[(*count)++];

    if (*count > MAX_CANDS) {
        fail("too many candidates");
    }

    snprintf(candidate->name, sizeof(candidate->name), "%s", name);
    candidate->check = check;

    return candidate;
}


static void
add_library(candidate_t *list, int *count, library_t *library, const char *what, const char *cache)
{
    cloakroom_engine  *engine;
    candidate_t       *candidate;

    engine = make_engine(library, settings, cache);
    if (engine == NULL) {
        return;
    }

    candidate = add(list, count, library->name, check_library);
    snprintf(candidate->name, sizeof(candidate->name), "%s-%s", library->name, what);
    candidate->library = library;
    candidate->engine = engine;
}


static void
grow_heap(candidate_t *candidate, long count)
{
    long             i;
    struct mallinfo2 before, after;

    /* Until caches are full and every context is made. */
    for (i = 0; i < (long) token_count * 2; i++) {
        candidate->check(candidate, &candidate->lanes[0], &tokens[i % token_count]);
    }

    before = mallinfo2();
    for (i = 0; i < count; i++) {
        if (!candidate->check(candidate, &candidate->lanes[0], &tokens[i % token_count])) {
            fail(candidate->name);
        }
    }
    after = mallinfo2();

    printf("%s %ld %ld\n", candidate->name, (long) (after.uordblks - before.uordblks), resident());
}


int
main(int argc, char **argv)
{
    int                  i, round, count, rounds;
    static candidate_t   list[MAX_CANDS];

    if (argc == 3 && strcmp(argv[1], "load") == 0) {
        time_load(argv[2]);
        return 0;
    }

    if (argc < 12) {
        fail("see the comment at the head of the source");
    }

    settings = argv[2];
    alg = argv[4];
    kid = argv[5];
    issuer = argv[6];
    audience = argv[7];
    rounds = atoi(argv[8]);
    token_count = atol(argv[9]);
    thread_count = atoi(argv[10]);

    prepare_tokens(argv[3]);

    tokens = calloc(token_count, sizeof(token_t));
    for (i = 0; i < (int) token_count; i++) {
        make_token(&tokens[i], i);
    }

    count = 0;

    if (strcmp(argv[1], "check") == 0) {
        add_library(list, &count, load(argv[11]), "none", "0");
        for (i = 0; i < rounds; i++) {
            if (!list[0].check(&list[0], NULL, &tokens[i % token_count])) {
                fail("a token is refused");
            }
        }
        return 0;
    }

    if (strcmp(argv[1], "heap") == 0) {
        library_t  *library = load(argv[11]);

        add_library(list, &count, library, "none", "0");
        add_library(list, &count, library, "full", "1000");
        for (i = 0; i < count; i++) {
            grow_heap(&list[i], atol(argv[8]));
        }
        return 0;
    }

    add(list, &count, "bare", check_bare);
    add(list, &count, "jansson", check_jansson);
#ifdef WITH_CJOSE
    if (strcmp(alg, "EdDSA") && getenv("CJOSE_JWK")) {
        make_cjose_key(getenv("CJOSE_JWK"));
        add(list, &count, "cjose", check_cjose);
    }
#endif

    for (i = 11; i < argc; i++) {
        library_t  *library = load(argv[i]);

        add_library(list, &count, library, "none", "0");
        add_library(list, &count, library, "full", "1000");
        if (count == i) {
            add_library(list, &count, library, "any", NULL);
        }
    }

    if (rounds > MAX_ROUNDS) {
        rounds = MAX_ROUNDS;
    }

    for (i = 0; i < count; i++) {
        measure(&list[i]);
    }

    for (round = 0; round < rounds; round++) {
        for (i = 0; i < count; i++) {
            /* Nobody always comes behind the same one. */
            candidate_t  *candidate = &list[(i + round) % count];

            candidate->times[round] = measure(candidate);
        }
    }

    for (i = 0; i < count; i++) {
        report(&list[i], &list[0], rounds);
    }

    printf("resident %ld\n", resident());

    return 0;
}
