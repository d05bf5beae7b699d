/*
 * What a request costs in the library: cloakroom_request_start to _free, with
 * all header edits read, in nanoseconds of CPU time.
 *
 *     inprocess SETTINGS POLICY COUNT ROUNDS "Name: value"...
 *
 * SETTINGS holds lines of "SECTION NAME VALUE", "-" for no section.  The first
 * request is not counted: it may wait for keys or the store.
 */

#define _POSIX_C_SOURCE 200809L

#include <cloakroom.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define MAX_HEADERS  32


static const char *browser[][2] = {
    { "Host", "app.example.com" },
    { "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" },
    { "Accept", "application/json" },
    { "Accept-Language", "en-GB,en;q=0.9" },
    { "Accept-Encoding", "gzip, deflate, br" },
    { "Referer", "https://app.example.com/page" },
    { "Sec-Fetch-Site", "same-origin" },
    { "Sec-Fetch-Mode", "cors" },
    { "Sec-Fetch-Dest", "empty" },
    { "Connection", "keep-alive" },
    { "Cache-Control", "no-cache" }
};


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


static double
run(cloakroom_engine *engine, cloakroom_request_info *info, long count)
{
    long                i;
    double              start;
    cloakroom_request  *request;

    start = cpu_time();

    for (i = 0; i < count; i++) {
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

    for (n = 0; n < (int) (sizeof(browser) / sizeof(browser[0])); n++) {
        headers[n].name = text(browser[n][0]);
        headers[n].value = text(browser[n][1]);
    }

    for (i = 5; i < argc && n < MAX_HEADERS; i++, n++) {
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

    for (i = 0; i < 2; i++) {
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

    times = malloc(rounds * sizeof(double));

    for (i = 0; i < rounds; i++) {
        times[i] = run(engine, &info, count);
    }

    qsort(times, rounds, sizeof(double), by_size);
    printf("%.0f %.0f\n", times[rounds / 2], times[0]);

    free(times);
    cloakroom_engine_free(engine);
    cloakroom_config_free(config);

    return 0;
}
