/*
 * The promises of cloakroom.h that a program can see from outside, each
 * checked by a function named after it.  Prints "ok NAME" for each that holds.
 *
 *   interface FOLDER [NAME]...       FOLDER: for a store and its keys
 */
#include "interface.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>


typedef struct {
    const char  *name;
    void       (*check)(void);
} promise;


static void write_file(const char *name, const char *content);
static int listen_silently(void);
static void set(cloakroom_config *config, const char *section,
    const char *name, const char *value);


static const char  *folder;

static const promise  promises[] = {
    { "nothing_exists_before_the_engine", nothing_exists_before_the_engine },
    { "version_is_the_headers", version_is_the_headers },
    { "null_handles_are_answered", null_handles_are_answered },
    { "statuses_have_names", statuses_have_names },
    { "failed_calls_write_nothing_out", failed_calls_write_nothing_out },
    { "errors_tell_and_fit", errors_tell_and_fit },
    { "slices_may_be_absent_or_empty", slices_may_be_absent_or_empty },
    { "impossible_slices_are_misuse", impossible_slices_are_misuse },
    { "long_slices_are_decided", long_slices_are_decided },
    { "header_fields_are_limited", header_fields_are_limited },
    { "struct_size_is_checked", struct_size_is_checked },
    { "answers_stay_unmoved", answers_stay_unmoved },
    { "an_engine_is_there_in_10_ms", an_engine_is_there_in_10_ms },
    { "nothing_is_left_after_the_engine", nothing_is_left_after_the_engine },
    { "signal_handlers_stay", signal_handlers_stay },
    { "threads_block_all_signals", threads_block_all_signals },
    { "descriptors_close_on_exec", descriptors_close_on_exec },
    { "a_forked_child_has_its_own_engine", a_forked_child_has_its_own_engine },
    { "requests_outlive_their_engine", requests_outlive_their_engine },
    { "undecided_requests_may_be_freed", undecided_requests_may_be_freed },
    { "each_decision_comes_once", each_decision_comes_once },
    { "a_request_waited_for_does_not_come_back",
      a_request_waited_for_does_not_come_back },
    { "two_engines_share_nothing", two_engines_share_nothing },
    { "an_engine_serves_several_threads", an_engine_serves_several_threads },
    { "log_lines_come_on_the_callers_thread",
      log_lines_come_on_the_callers_thread }
};


int
main(int argc, char **argv)
{
    int     wanted, i;
    size_t  n;

    if (argc < 2) {
        fprintf(stderr, "usage: interface FOLDER [NAME]...\n");
        return 2;
    }

    folder = argv[1];

    for (n = 0; n < sizeof(promises) / sizeof(promises[0]); n++) {
        wanted = (argc == 2);

        for (i = 2; i < argc; i++) {
            wanted |= (strcmp(argv[i], promises[n].name) == 0);
        }

        if (wanted) {
            promises[n].check();
            printf("ok %s\n", promises[n].name);
            fflush(stdout);
        }
    }

    return 0;
}


void
check_failed(const char *file, int line, const char *fact)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, fact);
    _exit(1);
}


cloakroom_str
text(const char *s)
{
    cloakroom_str  str;

    str.data = s;
    str.len = (s == NULL) ? 0 : strlen(s);

    return str;
}


int
same(cloakroom_str value, const char *s)
{
    return value.data != NULL && value.len == strlen(s)
           && memcmp(value.data, s, value.len) == 0;
}


/* Policies "bearer" and "session", with a store on disk. */
cloakroom_config *
make_config(provider_kind kind)
{
    char               issuer[64], path[4096];
    cloakroom_config  *config;

    /* port 1 is nobody's */
    snprintf(issuer, sizeof(issuer), "http://127.0.0.1:%d",
             (kind == PROVIDER_GONE) ? 1 : listen_silently());

    write_file("keys", "k1 Qx7dM2oZp0S9vKfE4hWbT1yRjLcU6aNgI3mXtVqDkC8\n");
    write_file("secret", "of the client\n");

    CHECK(cloakroom_config_new(&config) == CLOAKROOM_OK);

    set(config, NULL, "development", "on");
    snprintf(path, sizeof(path), "%s/store", folder);
    set(config, NULL, "store", path);
    snprintf(path, sizeof(path), "%s/keys", folder);
    set(config, NULL, "key_file", path);

    set(config, "provider/idp", "issuer", issuer);
    set(config, "provider/idp", "client_id", "me");
    snprintf(path, sizeof(path), "%s/secret", folder);
    set(config, "provider/idp", "client_secret_file", path);
    set(config, "provider/idp", "origin", "http://localhost:9");
    set(config, "provider/idp", "request_timeout",
        (kind == PROVIDER_SLOW) ? "500ms" : "30s");

    set(config, "policy/bearer", "mode", "bearer");
    set(config, "policy/bearer", "provider", "idp");
    set(config, "policy/bearer", "audience", "api");

    set(config, "policy/session", "mode", "session");
    set(config, "policy/session", "provider", "idp");

    return config;
}


static void
set(cloakroom_config *config, const char *section, const char *name,
    const char *value)
{
    cloakroom_error  error;

    if (cloakroom_config_set(config, text(section), text(name), text(value),
                             &error)
        != CLOAKROOM_OK)
    {
        check_failed(name, 0, error.message);
    }
}


static void
write_file(const char *name, const char *content)
{
    FILE  *file;
    char   path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);

    file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fputs(content, file) >= 0);
    CHECK(fclose(file) == 0);
}


/* One listener for the whole program; the kernel takes its connections. */
static int
listen_silently(void)
{
    int                 fd;
    socklen_t           size;
    static int          port;
    struct sockaddr_in  address;

    if (port != 0) {
        return port;
    }

    memset(&address, 0, sizeof(address));
    size = sizeof(address);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd != -1);
    CHECK(bind(fd, (struct sockaddr *) &address, size) == 0);
    CHECK(listen(fd, 1000) == 0);
    CHECK(getsockname(fd, (struct sockaddr *) &address, &size) == 0);

    port = ntohs(address.sin_port);

    return port;
}


cloakroom_engine *
make_engine(provider_kind kind)
{
    cloakroom_error    error;
    cloakroom_config  *config;
    cloakroom_engine  *engine;

    config = make_config(kind);

    if (cloakroom_engine_new(config, NULL, NULL, &error, &engine)
        != CLOAKROOM_OK)
    {
        check_failed("engine", 0, error.message);
    }

    cloakroom_config_free(config);

    return engine;
}


cloakroom_request_info
describe(request_kind kind)
{
    cloakroom_request_info  info;

    memset(&info, 0, sizeof(info));

    info.struct_size = sizeof(info);
    info.method = text("GET");

    if (kind == DECIDED_AT_ONCE) {
        info.target = text("/");
        info.policy = text("bearer");

    } else {
        info.target = text("/auth/login");
        info.policy = text("session");
    }

    return info;
}


/* Where the provider is needed, its failure may be known already. */
cloakroom_request *
start(cloakroom_engine *engine, request_kind kind)
{
    cloakroom_status         status;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    info = describe(kind);
    status = cloakroom_request_start(engine, &info, &request);

    CHECK(status == CLOAKROOM_OK
          || (status == CLOAKROOM_PENDING && kind == NEEDS_THE_PROVIDER));

    return request;
}


/* Waits for what is said where the provider has failed; frees the request. */
void
await_decision(cloakroom_request *request)
{
    CHECK(cloakroom_request_wait(request, 10000) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    CHECK(cloakroom_request_response_status(request) == 503);
    CHECK(same(cloakroom_request_reason(request), "provider_unavailable"));

    cloakroom_request_free(request);
}
