/*
 * What the program was asked to do: its options, its settings file, and the
 * words of a command line.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <cloakroom.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CLAIMS 16
#define MAX_WORDS  64

enum { LOOP_POLL, LOOP_WAIT };

typedef struct arguments {
    int          loop;                /* LOOP_POLL or LOOP_WAIT */
    int          timeout_ms;
    int          shows_secrets;
    int          logs;
    int          explains;
    const char  *config;
    const char  *bearer_policy, *session_policy;
    const char  *claims[MAX_CLAIMS];
    int          claim_count;
    char       **command;             /* words after the options */
    int          command_count;
} arguments;

static const char usage[] =
"usage: chost --config FILE [OPTION]... [COMMAND [WORD]...]\n"
"\n"
"A host of libcloakroom without anything around it.  Without a COMMAND it\n"
"reads them from standard input, one a line, with tabs between the words where\n"
"one of them has spaces, and prints an empty line after each answer.\n"
"\n"
"  bearer TOKEN [TARGET]   a GET with that bearer token\n"
"  cookie VALUE [TARGET]   a GET with that Cookie field: \"name=value\"\n"
"  request METHOD TARGET [\"NAME: VALUE\"]...\n"
"                          any request, under the session policy\n"
"  answers TARGET          does the session policy answer it itself?\n"
"  sleep MILLISECONDS\n"
"\n"
"  --loop poll|wait        poll the engine's descriptor (default), or sleep in\n"
"                          cloakroom_request_wait: a host without event loop\n"
"  --timeout MILLISECONDS  for each decision (default 30000)\n"
"  --bearer-policy NAME    of the bearer command (default \"bearer\")\n"
"  --session-policy NAME   of the other commands (default \"session\")\n"
"  --claim NAME            show this claim, too; may be repeated\n"
"  --show                  show tokens and cookies instead of their lengths\n"
"  --explain               show how each decision came about\n"
"  --log                   show the library's log on standard error\n"
"\n"
"Lines of FILE: \"[SECTION] NAME VALUE\", \"NAME VALUE\" for the library's own\n"
"settings, \"# comment\".  Exit codes: 0 done, 1 a call failed or a decision\n"
"did not come in time, 2 wrong usage, 3 wrong settings.\n";


static void
refuse_usage(const char *problem, const char *word)
{
    fprintf(stderr, "chost: %s%s\n\n%s", problem, word, usage);
    exit(2);
}


static arguments
parse_arguments(int argc, char **argv)
{
    int          i;
    const char  *option, *value;
    arguments    a;

    memset(&a, 0, sizeof(a));

    a.timeout_ms = 30000;
    a.bearer_policy = "bearer";
    a.session_policy = "session";

    for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        option = argv[i] + 2;

        if (strcmp(option, "help") == 0) {
            fputs(usage, stdout);
            exit(0);
        }

        if (strcmp(option, "show") == 0) {
            a.shows_secrets = 1;
            continue;
        }

        if (strcmp(option, "explain") == 0) {
            a.explains = 1;
            continue;
        }

        if (strcmp(option, "log") == 0) {
            a.logs = 1;
            continue;
        }

        if (++i == argc) {
            refuse_usage("nothing follows ", argv[i - 1]);
        }

        value = argv[i];

        if (strcmp(option, "config") == 0) {
            a.config = value;

        } else if (strcmp(option, "loop") == 0 && strcmp(value, "poll") == 0) {
            a.loop = LOOP_POLL;

        } else if (strcmp(option, "loop") == 0 && strcmp(value, "wait") == 0) {
            a.loop = LOOP_WAIT;

        } else if (strcmp(option, "timeout") == 0 && atoi(value) > 0) {
            a.timeout_ms = atoi(value);

        } else if (strcmp(option, "bearer-policy") == 0) {
            a.bearer_policy = value;

        } else if (strcmp(option, "session-policy") == 0) {
            a.session_policy = value;

        } else if (strcmp(option, "claim") == 0 && a.claim_count < MAX_CLAIMS) {
            a.claims[a.claim_count++] = value;

        } else {
            refuse_usage("what does this mean: ", argv[i - 1]);
        }
    }

    if (a.config == NULL) {
        refuse_usage("--config is missing", "");
    }

    a.command = argv + i;
    a.command_count = argc - i;

    return a;
}


static cloakroom_str
text(const char *s)
{
    cloakroom_str  str;

    str.data = s;
    str.len = (s == NULL) ? 0 : strlen(s);

    return str;
}


/* Takes the first word off a line; NULL at its end. */
static char *
next_word(char **line, const char *gap)
{
    char  *word;

    word = *line + strspn(*line, gap);

    if (*word == '\0') {
        return NULL;
    }

    *line = word + strcspn(word, gap);

    if (**line != '\0') {
        *(*line)++ = '\0';
    }

    return word;
}


/* Gives the library one line of the settings file; 0 where it is wrong. */
static int
read_setting(cloakroom_config *config, char *line, cloakroom_error *error)
{
    char  *section, *name;

    section = NULL;
    name = next_word(&line, " \t");

    if (name == NULL || name[0] == '#') {
        return 1;
    }

    if (name[0] == '[' && name[strlen(name) - 1] == ']') {
        section = name + 1;
        section[strlen(section) - 1] = '\0';
        name = next_word(&line, " \t");
    }

    line += strspn(line, " \t");

    return cloakroom_config_set(config, text(section), text(name), text(line),
                                error)
           == CLOAKROOM_OK;
}


static cloakroom_config *
read_config(const char *path)
{
    int                number;
    FILE              *file;
    char               line[8192];
    cloakroom_error    error;
    cloakroom_config  *config;

    memset(&error, 0, sizeof(error));
    file = fopen(path, "r");

    if (file == NULL || cloakroom_config_new(&config) != CLOAKROOM_OK) {
        perror(path);
        exit(3);
    }

    for (number = 1; fgets(line, sizeof(line), file) != NULL; number++) {
        line[strcspn(line, "\r\n")] = '\0';

        if (!read_setting(config, line, &error)) {
            fprintf(stderr, "%s:%d: %s\n", path, number, error.message);
            exit(3);
        }
    }

    fclose(file);

    if (cloakroom_config_validate(config, text(NULL), &error) != CLOAKROOM_OK) {
        fprintf(stderr, "%s: %s\n", path, error.message);
        exit(3);
    }

    return config;
}

#endif /* ARGUMENTS_H */
