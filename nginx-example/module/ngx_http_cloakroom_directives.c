
/*
 * Directives:
 *
 *   cloakroom_settings { NAME VALUE...; }              http
 *   cloakroom_provider PROVIDER { NAME VALUE...; }     http
 *   cloakroom off | MODE PROVIDER [NAME=VALUE]...;     http, server, location
 *
 * MODE is "bearer" or "session".  The last directive is inherited.  A value of
 * several words is quoted together with its name there: "scope=read write".
 * Names and values are the library's settings; what it does not like is an
 * error at the line of the directive.
 */


#include "ngx_http_cloakroom_module.h"


static char *ngx_http_cloakroom_block(ngx_conf_t *cf, ngx_str_t *section);
static char *ngx_http_cloakroom_setting(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);


char *
ngx_http_cloakroom_settings(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cloakroom_main_conf_t *mcf = conf;

    ngx_str_t  section;

    if (mcf->settings) {
        return "is duplicate";
    }

    mcf->settings = 1;
    ngx_str_null(&section);

    return ngx_http_cloakroom_block(cf, &section);
}


char *
ngx_http_cloakroom_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                          *rv;
    ngx_str_t                     *value;
    ngx_http_cloakroom_section_t  *section;

    value = cf->args->elts;

    section = ngx_http_cloakroom_create_section(cf, "provider", &value[1]);
    if (section == NULL) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_cloakroom_block(cf, &section->name);

    if (rv == NGX_CONF_OK
        && ngx_http_cloakroom_validate(cf, &section->name) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return rv;
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
    words.len = 1;

    for (i = 1; i < cf->args->nelts; i++) {
        words.len += value[i].len + 1;
    }

    words.data = ngx_pnalloc(cf->pool, words.len);
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

    if (ngx_http_cloakroom_validate(cf, &policy->name) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value[1].data, "session") == 0) {
        policy->endpoints = ngx_http_cloakroom_find_endpoints(cf, &value[2]);
        if (policy->endpoints == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    lcf->policy = policy;

    return NGX_CONF_OK;
}
