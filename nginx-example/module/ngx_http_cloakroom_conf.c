
/*
 * Directives:
 *
 *   cloakroom_settings { NAME VALUE...; }              http
 *   cloakroom_provider PROVIDER { NAME VALUE...; }     http
 *   cloakroom off | MODE PROVIDER [NAME=VALUE]...;     http, server, location
 *
 * MODE is "bearer" or "session".  A bearer policy may take tokens of several
 * providers: idp,partner.  The last directive is inherited.  A value of several
 * words is quoted together with its name there: "scope=read write".
 * Names and values are the library's settings; what it does not like is an
 * error at the line of the directive.
 */


#include "ngx_http_cloakroom_module.h"


static char *ngx_http_cloakroom_block(ngx_conf_t *cf, ngx_str_t *section);
static char *ngx_http_cloakroom_setting(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static ngx_http_cloakroom_section_t *ngx_http_cloakroom_create_policy(
    ngx_conf_t *cf, ngx_str_t *mode, ngx_str_t *provider);
static ngx_http_cloakroom_section_t *ngx_http_cloakroom_create_section(
    ngx_conf_t *cf, const char *kind, ngx_str_t *name);
static ngx_http_cloakroom_section_t *ngx_http_cloakroom_find_endpoints(
    ngx_conf_t *cf, ngx_str_t *provider);
static char *ngx_http_cloakroom_set(ngx_conf_t *cf, ngx_str_t *section,
    ngx_str_t *name, ngx_str_t *value);


char *
ngx_http_cloakroom_settings(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  none = ngx_null_string;

    return ngx_http_cloakroom_block(cf, &none);
}


char *
ngx_http_cloakroom_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                     *value;
    ngx_http_cloakroom_section_t  *section;

    value = cf->args->elts;

    section = ngx_http_cloakroom_create_section(cf, "provider", &value[1]);

    if (section == NULL
        || ngx_http_cloakroom_block(cf, &section->name) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_cloakroom_validate(cf, &section->name);
}


static char *
ngx_http_cloakroom_block(ngx_conf_t *cf, ngx_str_t *section)
{
    char        *rv;
    ngx_conf_t   save;

    save = *cf;
    cf->handler = ngx_http_cloakroom_setting;
    cf->handler_conf = (void *) section;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static char *
ngx_http_cloakroom_setting(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_str_t *section = conf;

    u_char      *p;
    ngx_str_t   *value, words;
    ngx_uint_t   i;

    value = cf->args->elts;
    words.len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        words.len += value[i].len + 1;
    }

    words.data = ngx_pnalloc(cf->pool, words.len + 1);
    if (words.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = words.data;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_sprintf(p, "%s%V", (i == 1) ? "" : " ", &value[i]);
    }

    words.len = p - words.data;

    return ngx_http_cloakroom_set(cf, section, &value[0], &words);
}


char *
ngx_http_cloakroom_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cloakroom_loc_conf_t *lcf = conf;

    u_char                        *p;
    ngx_str_t                     *value, name, words;
    ngx_uint_t                     i;
    ngx_http_cloakroom_section_t  *policy;

    if (lcf->policy != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        lcf->policy = &ngx_http_cloakroom_off;
        return (cf->args->nelts == 2) ? NGX_CONF_OK
                                      : "takes nothing after \"off\"";
    }

    if (cf->args->nelts == 2) {
        return "needs a mode and the name of a provider, or \"off\"";
    }

    policy = ngx_http_cloakroom_create_policy(cf, &value[1], &value[2]);
    if (policy == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 3; i < cf->args->nelts; i++) {

        p = (u_char *) ngx_strchr(value[i].data, '=');

        if (p == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is no name=value; several words are "
                               "written \"name=one two\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        name.data = value[i].data;
        name.len = p - name.data;

        words.data = p + 1;
        words.len = value[i].len - name.len - 1;

        if (ngx_http_cloakroom_set(cf, &policy->name, &name, &words)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_strcmp(value[1].data, "session") == 0) {
        policy->endpoints = ngx_http_cloakroom_find_endpoints(cf, &value[2]);
        if (policy->endpoints == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    lcf->policy = policy;

    return ngx_http_cloakroom_validate(cf, &policy->name);
}


static ngx_http_cloakroom_section_t *
ngx_http_cloakroom_create_policy(ngx_conf_t *cf, ngx_str_t *mode,
    ngx_str_t *provider)
{
    static ngx_str_t                 mode_name = ngx_string("mode");
    static ngx_str_t                 provider_name = ngx_string("provider");

    u_char                           number[NGX_INT_T_LEN];
    ngx_str_t                        name;
    ngx_http_cloakroom_section_t    *policy;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    name.data = number;
    name.len = ngx_sprintf(number, "%ui", ++mcf->policies) - number;

    policy = ngx_http_cloakroom_create_section(cf, "policy", &name);

    if (policy == NULL
        || ngx_http_cloakroom_set(cf, &policy->name, &mode_name, mode)
           != NGX_CONF_OK
        || ngx_http_cloakroom_set(cf, &policy->name, &provider_name, provider)
           != NGX_CONF_OK)
    {
        return NULL;
    }

    policy->provider = *provider;

    return policy;
}


static ngx_http_cloakroom_section_t *
ngx_http_cloakroom_create_section(ngx_conf_t *cf, const char *kind,
    ngx_str_t *name)
{
    ngx_http_cloakroom_section_t    *section, **sp;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    sp = ngx_array_push(&mcf->sections);
    if (sp == NULL) {
        return NULL;
    }

    section = ngx_pcalloc(cf->pool, sizeof(ngx_http_cloakroom_section_t));
    if (section == NULL) {
        return NULL;
    }

    section->name.len = ngx_strlen(kind) + 1 + name->len;
    section->name.data = ngx_pnalloc(cf->pool, section->name.len);
    if (section->name.data == NULL) {
        return NULL;
    }

    ngx_sprintf(section->name.data, "%s/%V", kind, name);

    section->file = cf->conf_file->file.name.data;
    section->line = cf->conf_file->line;

    *sp = section;

    return section;
}


/* one for all session policies of a provider */

static ngx_http_cloakroom_section_t *
ngx_http_cloakroom_find_endpoints(ngx_conf_t *cf, ngx_str_t *provider)
{
    static ngx_str_t                 mode = ngx_string("endpoints");

    ngx_uint_t                       i;
    ngx_http_cloakroom_section_t    *policy, **section;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    section = mcf->sections.elts;

    for (i = 0; i < mcf->sections.nelts; i++) {
        if (section[i]->endpoints == section[i]
            && section[i]->provider.len == provider->len
            && ngx_strncmp(section[i]->provider.data, provider->data,
                           provider->len)
               == 0)
        {
            return section[i];
        }
    }

    policy = ngx_http_cloakroom_create_policy(cf, &mode, provider);

    if (policy) {
        policy->endpoints = policy;
    }

    return policy;
}


static char *
ngx_http_cloakroom_set(ngx_conf_t *cf, ngx_str_t *section, ngx_str_t *name,
    ngx_str_t *value)
{
    cloakroom_error                  error;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    if (cloakroom_config_set(mcf->config, ngx_http_cloakroom_str(section),
                             ngx_http_cloakroom_str(name),
                             ngx_http_cloakroom_str(value), &error)
        != CLOAKROOM_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cloakroom: %s",
                           error.message);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/*
 * Checks one section, or with none how all fit together.  A message about a
 * section ends in "(NAME)": its own directive is the place of the mistake.
 */

char *
ngx_http_cloakroom_validate(ngx_conf_t *cf, ngx_str_t *name)
{
    u_char                           *p;
    ngx_str_t                        *s;
    ngx_uint_t                        i;
    cloakroom_error                   error;
    ngx_http_cloakroom_section_t    **section;
    ngx_http_cloakroom_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    if (cloakroom_config_validate(mcf->config, ngx_http_cloakroom_str(name),
                                  &error)
        == CLOAKROOM_OK)
    {
        return NGX_CONF_OK;
    }

    p = (u_char *) strrchr(error.message, '(');
    section = mcf->sections.elts;

    for (i = 0; p && i < mcf->sections.nelts; i++) {
        s = &section[i]->name;

        if (ngx_strncmp(p + 1, s->data, s->len) == 0 && p[s->len + 1] == ')') {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "cloakroom: %s in %s:%ui",
                          error.message, section[i]->file, section[i]->line);
            return NGX_CONF_ERROR;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cloakroom: %s", error.message);

    return NGX_CONF_ERROR;
}
