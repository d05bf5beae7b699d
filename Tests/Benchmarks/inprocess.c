/*
 * What a request costs in the library: cloakroom_request_start to _free, with
 * all header edits read, in nanoseconds of CPU time.
 *
 *     inprocess SETTINGS POLICY COUNT ROUNDS "Name: value"...
 *
 * SETTINGS holds lines of "SECTION NAME VALUE", "-" for no section.  The first
 * requests are not counted: they may wait for keys or the store.  A field that
 * is "@FILE" stands for the lines of that file, one for each request in turn.
 *
 * Compiled with -DCOUNT_ALLOCATIONS it prints instead how often memory was
 * asked for in COUNT requests, by whatever runs on the calling thread.
 */

#define _POSIX_C_SOURCE 200809L

#include "browser.h"

#include <cloakroom.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define MAX_HEADERS  32


#ifdef COUNT_ALLOCATIONS

/* in the place of the C library's own, for all that is loaded */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static __thread long  allocations;


void *
malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    allocations++;
    return __libc_realloc(p, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    allocations++;
    *p = __libc_memalign(alignment, size);
    return (*p == NULL);
}

#endif


static cloakroom_str
text(const char *s)
{
    cloakroom_str  str = { s, s ? strlen(s) : 0 };

    return str;
}


static double
cpu_time(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return ts.tv_sec * 1e9 + ts.tv_nsec;
}


static void
fail(const char *what)
{
    fprintf(stderr, "inprocess: %s\n", what);
    exit(1);
}


static cloakroom_config *
read_settings(const char *path)
{
    char              line[4096], *section, *name, *value, *rest;
    FILE             *file;
    cloakroom_error   error;
    cloakroom_config *config;

    file = fopen(path, "r");

    if (file == NULL || cloakroom_config_new(&config) != CLOAKROOM_OK) {
        fail("no settings");
    }

    while (fgets(line, sizeof(line), file)) {
        section = strtok_r(line, " \n", &rest);
        name = strtok_r(NULL, " \n", &rest);
        value = strtok_r(NULL, "\n", &rest);

        if (value == NULL) {
            continue;
        }

        if (cloakroom_config_set(config,
                                 text(strcmp(section, "-") ? section : NULL),
                                 text(name), text(value), &error)
            != CLOAKROOM_OK)
        {
            fail(error.message);
        }
    }

    fclose(file);

    return config;
}


/* the host's part: every edit is asked for */

static void
ask(cloakroom_request *request)
{
    const cloakroom_header  *headers;

    (void) cloakroom_request_headers(request, CLOAKROOM_HEADERS_UPSTREAM,
                                     &headers);
    (void) cloakroom_request_headers(request, CLOAKROOM_HEADERS_CLIENT,
                                     &headers);
}


/* the lines of "@FILE" take turns in the last header field */

static char            **lines;
static long              line_count, line;
static cloakroom_header *turning;


static void
read_lines(const char *path)
{
    char    *text = NULL;
    FILE    *file;
    size_t   size = 0;
    ssize_t  length;

    file = fopen(path, "r");
    if (file == NULL) {
        fail(path);
    }

    while ((length = getline(&text, &size, file)) > 0) {
        text[length - 1] = '\0';
        lines = realloc(lines, (line_count + 1) * sizeof(char *));
        lines[line_count++] = text;
        text = NULL;
        size = 0;
    }

    fclose(file);
}


static void
take_turn(void)
{
    if (line_count) {
        turning->value = text(lines[line] + sizeof("Authorization: ") - 1);
        line = (line + 1) % line_count;
    }
}


static double
run(cloakroom_engine *engine, cloakroom_request_info *info, long count)
{
    long                i;
    double              start;
    cloakroom_request  *request;

    start = cpu_time();

    for (i = 0; i < count; i++) {
        take_turn();

        if (cloakroom_request_start(engine, info, &request) != CLOAKROOM_OK) {
            fail("a request waits that should be known");
        }

        ask(request);
        cloakroom_request_free(request);
    }

    return (cpu_time() - start) / count;
}


static int
by_size(const void *a, const void *b)
{
    return (*(const double *) a > *(const double *) b) ? 1 : -1;
}


int
main(int argc, char **argv)
{
    int                     i, n, rounds;
    long                    count;
    char                   *colon;
    double                 *times;
    cloakroom_error         error;
    cloakroom_config       *config;
    cloakroom_engine       *engine;
    cloakroom_header        headers[MAX_HEADERS];
    cloakroom_request      *request;
    cloakroom_request_info  info = { .struct_size = sizeof(info) };

    if (argc < 6) {
        fail("SETTINGS POLICY COUNT ROUNDS \"Name: value\"...");
    }

    config = read_settings(argv[1]);
    count = atol(argv[3]);
    rounds = atoi(argv[4]);

    for (n = 0; n < (int) BROWSER; n++) {
        headers[n].name = text(browser[n][0]);
        headers[n].value = text(browser[n][1]);
    }

    for (i = 5; i < argc && n < MAX_HEADERS; i++, n++) {

        if (argv[i][0] == '@') {
            read_lines(argv[i] + 1);
            headers[n].name = text("Authorization");
            turning = &headers[n];
            take_turn();
            continue;
        }

        colon = strstr(argv[i], ": ");
        if (colon == NULL) {
            fail(argv[i]);
        }

        *colon = '\0';
        headers[n].name = text(argv[i]);
        headers[n].value = text(colon + 2);
    }

    info.method = text("GET");
    info.target = text("/api/orders?page=2");
    info.policy = text(argv[2]);
    info.headers = headers;
    info.header_count = n;

    if (cloakroom_engine_new(config, NULL, NULL, &error, &engine)
        != CLOAKROOM_OK)
    {
        fail(error.message);
    }

    for (i = 0; i < 2 + 2 * line_count; i++) {
        take_turn();

        if (cloakroom_request_start(engine, &info, &request)
            == CLOAKROOM_PENDING)
        {
            cloakroom_request_wait(request, 5000);
        }

        if (cloakroom_request_decision(request)
            != CLOAKROOM_DECISION_FORWARD)
        {
            fail(cloakroom_request_reason(request).data);
        }

        cloakroom_request_free(request);
    }

#ifdef COUNT_ALLOCATIONS

    allocations = 0;
    (void) run(engine, &info, count);
    printf("%ld\n", allocations);

#endif

    times = malloc(rounds * sizeof(double));

    for (i = 0; i < rounds; i++) {
        times[i] = run(engine, &info, count);
    }

    if (rounds > 0) {
        qsort(times, rounds, sizeof(double), by_size);
        printf("%.0f %.0f\n", times[rounds / 2], times[0]);
    }

    free(times);
    cloakroom_engine_free(engine);
    cloakroom_config_free(config);

    return 0;
}
