/*
 * What a host must not do, so that the sanitizers show whether they would see
 * the library do the like.
 *
 *   misuse leak|use-after-free|overflow|undefined|race|nothing
 */
#define _POSIX_C_SOURCE 200809L

#include <cloakroom.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static cloakroom_str text(const char *s);
static cloakroom_config *make_config(void);
static void *set_more(void *config);


int
main(int argc, char **argv)
{
    char              *bytes;
    pthread_t          thread;
    cloakroom_str      value;
    cloakroom_config  *config;

    if (argc != 2) {
        return 2;
    }

    config = make_config();

    if (strcmp(argv[1], "leak") == 0) {
        config = make_config();

    } else if (strcmp(argv[1], "use-after-free") == 0) {
        cloakroom_config_free(config);
        cloakroom_config_set(config, text(NULL), text("development"),
                             text("on"), NULL);

    } else if (strcmp(argv[1], "overflow") == 0) {
        bytes = malloc(8);
        memset(bytes, 'x', 8);
        value.data = bytes;
        value.len = 9;
        cloakroom_config_set(config, value, value, value, NULL);
        free(bytes);

    } else if (strcmp(argv[1], "race") == 0) {
        pthread_create(&thread, NULL, set_more, config);
        set_more(config);
        pthread_join(thread, NULL);

    } else if (strcmp(argv[1], "undefined") == 0) {
        argc += INT_MAX;
    }

    if (argc != 2) {
        return 3;
    }

    cloakroom_config_free(config);
    printf("still here\n");

    return 0;
}


static cloakroom_str
text(const char *s)
{
    cloakroom_str  str;

    str.data = s;
    str.len = (s == NULL) ? 0 : strlen(s);

    return str;
}


static cloakroom_config *
make_config(void)
{
    cloakroom_config  *config;

    if (cloakroom_config_new(&config) != CLOAKROOM_OK) {
        exit(2);
    }

    return config;
}


static void *
set_more(void *config)
{
    cloakroom_config_set(config, text("policy/p"), text("mode"),
                         text("bearer"), NULL);
    return NULL;
}
