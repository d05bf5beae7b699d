/*
 * Eight threads over one engine: half of them wait for each request, the other
 * half fetch whatever has been decided, also what another thread began.
 *
 *   threads --config FILE ROUNDS JOB...
 *
 * A JOB has tabs between its words: a policy, the decision that must come of it
 * ("forward", "respond" or "any"), a target, and a header field's name and
 * value.  Prints "ready" after the rounds, waits for a line, and starts each
 * JOB once more in each thread; with all that is outstanding it frees the
 * engine, and prints "ok" and how many requests were pending at first, and in
 * the end.
 */
#define _POSIX_C_SOURCE 200809L

#include "arguments.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define THREADS  8
#define CHECK(fact)                                                           \
    ((fact) ? (void) 0 : check_failed(__LINE__, #fact))


typedef struct {
    const char        *policy, *decision, *target;
    cloakroom_header   field;
} job;

typedef struct {
    int                 number;
    int                 left_count;
    pthread_t           thread;
    cloakroom_request  *left[MAX_WORDS];
} caller;


static void read_jobs(char **word, int count);
static void *run_rounds(void *data);
static void *outlast_engine(void *data);
static void run_all(void *(*body)(void *data));
static void join_all(void);
static cloakroom_status begin(const job *j, cloakroom_request **request);
static void wait_for(const job *j);
static void give_up(const job *j);
static void fetch_decided(void);
static cloakroom_request *next_decided(void);
static void finish(cloakroom_request *request);
static void note(int *counter, int change);
static int read_note(int *counter);
static void ignore_line(void *data, int32_t level, cloakroom_str line);
static void check_failed(int line, const char *fact);


static int                rounds, job_count, outstanding, pended, in_flight;
static job                jobs[MAX_WORDS];
static caller             callers[THREADS];
static pthread_mutex_t    notes = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t   fetching = PTHREAD_RWLOCK_INITIALIZER;
static cloakroom_engine  *engine;


int
main(int argc, char **argv)
{
    int                i, abandoned;
    char               line[64];
    arguments          a;
    cloakroom_config  *config;
    struct timespec    pause;

    a = parse_arguments(argc, argv);
    CHECK(a.command_count >= 2);
    rounds = atoi(a.command[0]);
    read_jobs(a.command + 1, a.command_count - 1);

    config = read_config(a.config);
    CHECK(cloakroom_engine_new(config, ignore_line, NULL, NULL, &engine)
          == CLOAKROOM_OK);
    cloakroom_config_free(config);

    run_all(run_rounds);
    join_all();
    CHECK(read_note(&outstanding) == 0);

    printf("ready\n");
    fflush(stdout);
    CHECK(fgets(line, sizeof(line), stdin) != NULL);

    run_all(outlast_engine);

    while (read_note(&in_flight) < THREADS) {
        pause.tv_sec = 0;
        pause.tv_nsec = 1000000;
        nanosleep(&pause, NULL);
    }

    cloakroom_engine_free(engine);
    join_all();

    abandoned = 0;

    for (i = 0; i < THREADS; i++) {
        abandoned += callers[i].left_count;
    }

    printf("ok %d %d\n", pended, abandoned);

    return 0;
}


static void
read_jobs(char **word, int count)
{
    job         *j;
    char        *rest;
    const char  *name;

    for (job_count = 0; job_count < count; job_count++) {
        CHECK(job_count < MAX_WORDS);

        j = &jobs[job_count];
        rest = word[job_count];
        j->policy = next_word(&rest, "\t");
        j->decision = next_word(&rest, "\t");
        j->target = next_word(&rest, "\t");
        name = next_word(&rest, "\t");
        CHECK(name != NULL);
        j->field.name = text(name);
        j->field.value = text(rest);
    }
}


static void
run_all(void *(*body)(void *data))
{
    int  i;

    for (i = 0; i < THREADS; i++) {
        callers[i].number = i;
        CHECK(pthread_create(&callers[i].thread, NULL, body, &callers[i]) == 0);
    }
}


static void
join_all(void)
{
    int  i;

    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(callers[i].thread, NULL) == 0);
    }
}


static void *
run_rounds(void *data)
{
    int                 i, waits;
    caller             *c;
    const job          *j;
    cloakroom_status    status;
    cloakroom_request  *request;

    c = data;
    waits = c->number % 2;

    for (i = 0; i < rounds; i++) {
        j = &jobs[(i * 3 + c->number) % job_count];

        (void) cloakroom_engine_answers(engine, text(j->policy),
                                        text(j->target));

        if (i % 16 == 15 && waits) {
            give_up(j);
        }

        if (waits) {
            wait_for(j);
            continue;
        }

        /* before it starts: another thread may fetch it at once */
        note(&outstanding, 1);
        status = begin(j, &request);

        if (status == CLOAKROOM_OK) {
            finish(request);
            note(&outstanding, -1);

        } else {
            note(&pended, 1);
        }

        fetch_decided();
    }

    while (!waits && read_note(&outstanding) > 0) {
        fetch_decided();
    }

    return NULL;
}


/*
 * Until it is first waited for, another thread's _next may return a request:
 * no such call comes between.
 */
static void
wait_for(const job *j)
{
    cloakroom_status    status;
    cloakroom_request  *request;

    CHECK(pthread_rwlock_rdlock(&fetching) == 0);
    status = begin(j, &request);

    if (status == CLOAKROOM_PENDING) {
        status = cloakroom_request_wait(request, 0);
    }

    CHECK(pthread_rwlock_unlock(&fetching) == 0);

    if (status == CLOAKROOM_PENDING) {
        note(&pended, 1);
        CHECK(cloakroom_request_wait(request, 30000) == CLOAKROOM_OK);
    }

    finish(request);
}


static void
give_up(const job *j)
{
    cloakroom_request  *request;

    CHECK(pthread_rwlock_rdlock(&fetching) == 0);
    begin(j, &request);
    cloakroom_request_free(request);
    CHECK(pthread_rwlock_unlock(&fetching) == 0);
}


static void
fetch_decided(void)
{
    struct pollfd       fd;
    cloakroom_request  *request;

    fd.fd = cloakroom_engine_fd(engine);
    fd.events = POLLIN;
    CHECK(poll(&fd, 1, 5) >= 0);

    while ((request = next_decided()) != NULL) {
        finish(request);
        note(&outstanding, -1);
    }
}


static cloakroom_request *
next_decided(void)
{
    cloakroom_request  *request;

    CHECK(pthread_rwlock_wrlock(&fetching) == 0);
    request = cloakroom_engine_next(engine);
    CHECK(pthread_rwlock_unlock(&fetching) == 0);

    return request;
}


/* Requests that outlive the engine, and waits that its end ends. */
static void *
outlast_engine(void *data)
{
    int                 i;
    caller             *c;
    cloakroom_status    status;
    cloakroom_request  *request;

    c = data;
    c->left_count = 0;

    for (i = 0; i < job_count; i++) {
        status = begin(&jobs[i], &request);

        if (status == CLOAKROOM_OK) {
            finish(request);

        } else {
            c->left[c->left_count++] = request;
        }
    }

    note(&in_flight, 1);

    for (i = 0; i < c->left_count; i++) {
        request = c->left[i];

        if (c->number % 2 == 1) {
            (void) cloakroom_request_wait(request, 60000);
        }

        (void) cloakroom_request_decision(request);
        (void) cloakroom_request_reason(request);
        cloakroom_request_free(request);
    }

    return NULL;
}


static cloakroom_status
begin(const job *j, cloakroom_request **request)
{
    cloakroom_status         status;
    cloakroom_request_info   info;

    memset(&info, 0, sizeof(info));

    info.struct_size = sizeof(info);
    info.method = text("GET");
    info.target = text(j->target);
    info.policy = text(j->policy);
    info.headers = &j->field;
    info.header_count = 1;
    info.host_data = (void *) j;

    status = cloakroom_request_start(engine, &info, request);
    CHECK(status >= 0);

    return status;
}


/* Looks at all there is to see, and checks the decision. */
static void
finish(cloakroom_request *request)
{
    int32_t              list;
    size_t               i;
    const job           *j;
    cloakroom_str        claim;
    cloakroom_header     field;
    cloakroom_decision   decision;

    j = cloakroom_request_host_data(request);
    decision = cloakroom_request_decision(request);

    if (strcmp(j->decision, "forward") == 0) {
        CHECK(decision == CLOAKROOM_DECISION_FORWARD);

    } else if (strcmp(j->decision, "respond") == 0) {
        CHECK(decision == CLOAKROOM_DECISION_RESPOND);
        CHECK(cloakroom_request_response_status(request) >= 200);

    } else {
        CHECK(decision != CLOAKROOM_DECISION_NONE);
    }

    for (list = 0; list < 2; list++) {
        for (i = 0;
             cloakroom_request_header(request, list, i, &field) == CLOAKROOM_OK;
             i++)
        {
            CHECK(field.name.len > 0);
        }
    }

    CHECK(cloakroom_request_reason(request).len > 0);
    CHECK(cloakroom_request_explain(request).len > 0);
    (void) cloakroom_request_response_body(request);
    (void) cloakroom_request_session_state(request);
    (void) cloakroom_request_claim(request, text("sub"), &claim);
    (void) cloakroom_request_keeps_header(request, text("Set-Cookie"),
                                          text("a=b"));
    cloakroom_request_free(request);
}


static void
note(int *counter, int change)
{
    CHECK(pthread_mutex_lock(&notes) == 0);
    *counter += change;
    CHECK(pthread_mutex_unlock(&notes) == 0);
}


static int
read_note(int *counter)
{
    int  value;

    CHECK(pthread_mutex_lock(&notes) == 0);
    value = *counter;
    CHECK(pthread_mutex_unlock(&notes) == 0);

    return value;
}


static void
ignore_line(void *data, int32_t level, cloakroom_str line)
{
    (void) data;
    (void) level;
    CHECK(line.len > 0);
}


static void
check_failed(int line, const char *fact)
{
    fprintf(stderr, "threads.c:%d: does not hold: %s\n", line, fact);
    _exit(1);
}
