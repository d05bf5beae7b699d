/*
 * A host of libcloakroom in plain C: nothing but cloakroom.h and libc.
 *
 *   cc main.c $(pkg-config --cflags --libs cloakroom) -o chost
 */
#define _POSIX_C_SOURCE 200809L

#include "arguments.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <time.h>


static cloakroom_engine *start_engine(const arguments *a);
static int run_command(cloakroom_engine *engine, const arguments *a,
    char **word, int count);
static int run_lines(cloakroom_engine *engine, const arguments *a);
static int ask(cloakroom_engine *engine, const arguments *a,
    const char *policy, const char *field, const char *value,
    const char *target);
static int await_decision(cloakroom_engine *engine, const arguments *a,
    cloakroom_request *request);
static long long milliseconds(void);
static void print_decision(const cloakroom_request *request,
    const arguments *a);
static void print_fields(const cloakroom_request *request, int32_t list,
    const char *title, const arguments *a);
static void print_value(cloakroom_header field, int shows_secrets);
static void print_line(const char *title, cloakroom_str value);
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
    char        *line, *rest, *word[4];
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

        for (count = 0; count < 4; count++) {
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
    char        *field;
    int          ok;
    const char  *target;

    target = (count > 2) ? word[2] : "/";

    if (strcmp(word[0], "bearer") == 0 && count >= 2 && count <= 3) {
        field = malloc(strlen(word[1]) + sizeof("Bearer "));

        if (field == NULL) {
            return 0;
        }

        sprintf(field, "Bearer %s", word[1]);
        ok = ask(engine, a, a->bearer_policy, "Authorization", field, target);
        free(field);

        return ok;
    }

    if (strcmp(word[0], "cookie") == 0 && count >= 2 && count <= 3) {
        return ask(engine, a, a->session_policy, "Cookie", word[1], target);
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
ask(cloakroom_engine *engine, const arguments *a, const char *policy,
    const char *field, const char *value, const char *target)
{
    int                      ok;
    cloakroom_header         headers[3];
    cloakroom_status         status;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    headers[0].name = text("Host");
    headers[0].value = text("localhost");
    headers[1].name = text("Accept");
    headers[1].value = text("application/json");
    headers[2].name = text(field);
    headers[2].value = text(value);

    memset(&info, 0, sizeof(info));

    info.struct_size = sizeof(info);
    info.method = text("GET");
    info.scheme = text("http");
    info.authority = text("localhost");
    info.target = text(target);
    info.client_address = text("127.0.0.1");
    info.policy = text(policy);
    info.headers = headers;
    info.header_count = 3;

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
print_decision(const cloakroom_request *request, const arguments *a)
{
    int            i;
    cloakroom_str  claim;

    switch (cloakroom_request_decision(request)) {

    case CLOAKROOM_DECISION_FORWARD:
        printf("decision forward\n");
        break;

    case CLOAKROOM_DECISION_RESPOND:
        printf("decision respond\n");
        printf("status %d\n", (int) cloakroom_request_response_status(request));
        break;

    default:
        printf("decision unknown\n"); /* a server answers 503 here */
        return;
    }

    print_line("reason", cloakroom_request_reason(request));
    print_line("session", cloakroom_request_session_state(request));

    print_fields(request, CLOAKROOM_HEADERS_UPSTREAM, "upstream", a);
    print_fields(request, CLOAKROOM_HEADERS_CLIENT, "client", a);

    for (i = 0; i < a->claim_count; i++) {

        if (cloakroom_request_claim(request, text(a->claims[i]), &claim)
            == CLOAKROOM_OK)
        {
            printf("claim %s: %.*s\n", a->claims[i], (int) claim.len,
                   claim.data);
        }
    }

    print_line("body", cloakroom_request_response_body(request));
}


static void
print_fields(const cloakroom_request *request, int32_t list,
    const char *title, const arguments *a)
{
    size_t            i;
    cloakroom_header  field;

    for (i = 0;
         cloakroom_request_header(request, list, i, &field) == CLOAKROOM_OK;
         i++)
    {
        printf("%s %.*s: ", title, (int) field.name.len, field.name.data);
        print_value(field, a->shows_secrets);
    }
}


/* Tokens and cookies are told by their length. */
static void
print_value(cloakroom_header field, int shows_secrets)
{
    size_t       i, shown;
    const char  *secret[] = { "Authorization", "Cookie", "Set-Cookie" };

    if (field.value.data == NULL) {
        printf("(removed)\n");
        return;
    }

    shown = field.value.len;

    for (i = 0; i < 3 && !shows_secrets; i++) {

        if (field.name.len == strlen(secret[i])
            && strncasecmp(field.name.data, secret[i], field.name.len) == 0)
        {
            shown = (i == 0 && field.value.len > 7) ? 7 : 0;  /* "Bearer " */
        }
    }

    printf("%.*s", (int) shown, field.value.data);

    if (shown < field.value.len) {
        printf("(%lu bytes)", (unsigned long) (field.value.len - shown));
    }

    printf("\n");
}


static void
print_line(const char *title, cloakroom_str value)
{
    size_t  i;

    if (value.data == NULL || value.len == 0) {
        return;
    }

    printf("%s ", title);

    for (i = 0; i < value.len; i++) {
        putchar(iscntrl((unsigned char) value.data[i]) ? ' ' : value.data[i]);
    }

    printf("\n");
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
