/*
 * A host of libcloakroom in plain C: nothing but cloakroom.h and libc.
 *
 *   cc main.c $(pkg-config --cflags --libs cloakroom) -o chost
 */
#define _POSIX_C_SOURCE 200809L

#include "arguments.h"
#include "printing.h"

#include <errno.h>
#include <poll.h>
#include <time.h>


static cloakroom_engine *start_engine(const arguments *a);
static int run_command(cloakroom_engine *engine, const arguments *a,
    char **word, int count);
static int run_lines(cloakroom_engine *engine, const arguments *a);
static int ask_for_bearer(cloakroom_engine *engine, const arguments *a,
    const char *token, const char *target);
static int ask_as_told(cloakroom_engine *engine, const arguments *a,
    char **word, int count);
static int ask(cloakroom_engine *engine, const arguments *a,
    const char *policy, const char *method, const char *target,
    const cloakroom_header *fields, int count);
static int await_decision(cloakroom_engine *engine, const arguments *a,
    cloakroom_request *request);
static long long milliseconds(void);
static void print_log(void *data, int32_t level, cloakroom_str line);
static void pause_for(int ms);


int
main(int argc, char **argv)
{
    int                ok;
    arguments          a;
    cloakroom_engine  *engine;

    a = parse_arguments(argc, argv);
    engine = start_engine(&a);

    if (a.command_count > 0) {
        ok = run_command(engine, &a, a.command, a.command_count);

    } else {
        ok = run_lines(engine, &a);
    }

    cloakroom_engine_free(engine);

    return ok ? 0 : 1;
}


static cloakroom_engine *
start_engine(const arguments *a)
{
    cloakroom_error    error;
    cloakroom_config  *config;
    cloakroom_engine  *engine;

    config = read_config(a->config);

    memset(&error, 0, sizeof(error));

    if (cloakroom_engine_new(config, a->logs ? print_log : NULL, NULL, &error,
                             &engine)
        != CLOAKROOM_OK)
    {
        fprintf(stderr, "chost: no engine: %s\n", error.message);
        exit(1);
    }

    cloakroom_config_free(config);    /* the engine has a copy */

    return engine;
}


static int
run_lines(cloakroom_engine *engine, const arguments *a)
{
    int          ok, count;
    char        *line, *rest, *word[MAX_WORDS];
    size_t       size;
    const char  *gap;

    ok = 1;
    line = NULL;
    size = 0;

    while (getline(&line, &size, stdin) != -1) {
        line[strcspn(line, "\r\n")] = '\0';
        rest = line;

        /* words with spaces in them, as a Cookie field's, stand between tabs */

        gap = (strchr(line, '\t') == NULL) ? " " : "\t";

        for (count = 0; count < MAX_WORDS; count++) {
            word[count] = next_word(&rest, gap);

            if (word[count] == NULL) {
                break;
            }
        }

        if (count > 0) {
            ok &= run_command(engine, a, word, count);
        }

        printf("\n");
        fflush(stdout);
    }

    free(line);

    return ok;
}


static int
run_command(cloakroom_engine *engine, const arguments *a, char **word,
    int count)
{
    const char        *target;
    cloakroom_header   fields[2];

    target = (count > 2) ? word[2] : "/";

    if (strcmp(word[0], "bearer") == 0 && count >= 2 && count <= 3) {
        return ask_for_bearer(engine, a, word[1], target);
    }

    if (strcmp(word[0], "cookie") == 0 && count >= 2 && count <= 3) {
        fields[0].name = text("Accept");
        fields[0].value = text("application/json");
        fields[1].name = text("Cookie");
        fields[1].value = text(word[1]);

        return ask(engine, a, a->session_policy, "GET", target, fields, 2);
    }

    if (strcmp(word[0], "request") == 0 && count >= 3) {
        return ask_as_told(engine, a, word, count);
    }

    if (strcmp(word[0], "answers") == 0 && count == 2) {
        printf("answers %d\n",
               (int) cloakroom_engine_answers(engine, text(a->session_policy),
                                              text(word[1])));
        return 1;
    }

    if (strcmp(word[0], "sleep") == 0 && count == 2) {
        pause_for(atoi(word[1]));
        return 1;
    }

    fprintf(stderr, "chost: what does this mean: %s\n", word[0]);

    return 0;
}


static int
ask_for_bearer(cloakroom_engine *engine, const arguments *a,
    const char *token, const char *target)
{
    int                ok;
    char              *credentials;
    cloakroom_header   field;

    credentials = malloc(strlen(token) + sizeof("Bearer "));

    if (credentials == NULL) {
        return 0;
    }

    sprintf(credentials, "Bearer %s", token);

    field.name = text("Authorization");
    field.value = text(credentials);

    ok = ask(engine, a, a->bearer_policy, "GET", target, &field, 1);

    free(credentials);

    return ok;
}


static int
ask_as_told(cloakroom_engine *engine, const arguments *a, char **word,
    int count)
{
    int                i;
    char              *value;
    cloakroom_header   fields[MAX_WORDS];

    for (i = 3; i < count && i < MAX_WORDS; i++) {
        value = word[i] + strcspn(word[i], ":");

        fields[i - 3].name.data = word[i];
        fields[i - 3].name.len = value - word[i];

        value += strspn(value, ": ");
        fields[i - 3].value = text(value);
    }

    return ask(engine, a, a->session_policy, word[1], word[2], fields, i - 3);
}


static int
ask(cloakroom_engine *engine, const arguments *a, const char *policy,
    const char *method, const char *target, const cloakroom_header *fields,
    int count)
{
    int                      ok;
    cloakroom_status         status;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    memset(&info, 0, sizeof(info));

    info.struct_size = sizeof(info);
    info.method = text(method);
    info.scheme = text("http");
    info.authority = text("localhost");
    info.target = text(target);
    info.client_address = text("127.0.0.1");
    info.policy = text(policy);
    info.headers = fields;
    info.header_count = count;

    status = cloakroom_request_start(engine, &info, &request);

    if (status < 0) {
        printf("failed %s\n", cloakroom_status_name(status));
        return 0;
    }

    ok = (status == CLOAKROOM_OK) || await_decision(engine, a, request);

    if (ok) {
        print_decision(request, a);

    } else {
        printf("failed no decision in %d ms\n", a->timeout_ms);
    }

    cloakroom_request_free(request);  /* cancels what is not decided */

    return ok;
}


static int
await_decision(cloakroom_engine *engine, const arguments *a,
    cloakroom_request *request)
{
    long long           end, left;
    struct pollfd       fd;
    cloakroom_request  *decided;

    if (a->loop == LOOP_WAIT) {
        return cloakroom_request_wait(request, a->timeout_ms) == CLOAKROOM_OK;
    }

    fd.fd = cloakroom_engine_fd(engine);
    fd.events = POLLIN;
    end = milliseconds() + a->timeout_ms;

    for ( ;; ) {

        /* all of them, before the descriptor is waited for again */

        while ((decided = cloakroom_engine_next(engine)) != NULL) {
            if (decided == request) {
                return 1;
            }
        }

        left = end - milliseconds();

        if (left <= 0 || (poll(&fd, 1, (int) left) == -1 && errno != EINTR)) {
            return 0;
        }
    }
}


static long long
milliseconds(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (long long) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


static void
print_log(void *data, int32_t level, cloakroom_str line)
{
    (void) data;

    fprintf(stderr, "chost: log %d: %.*s\n", (int) level, (int) line.len,
            line.data);
}


static void
pause_for(int ms)
{
    struct timespec  time;

    time.tv_sec = ms / 1000;
    time.tv_nsec = (long) (ms % 1000) * 1000000;

    nanosleep(&time, NULL);
}
