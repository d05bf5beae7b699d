
/*
 * Sections of the library's configuration, and where they stand in nginx's.
 */


#include "ngx_http_cloakroom_module.h"


ngx_http_cloakroom_section_t *
ngx_http_cloakroom_create_section(ngx_conf_t *cf, const char *kind,
    ngx_str_t *name)
{
    size_t                           len;
    ngx_uint_t                       i;
    ngx_http_cloakroom_section_t    *section, **other;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    len = ngx_strlen(kind) + 1 + name->len;

    section = ngx_pcalloc(cf->pool,
                          sizeof(ngx_http_cloakroom_section_t) + len + 1);
    if (section == NULL) {
        return NULL;
    }

    section->file = cf->conf_file->file.name.data;
    section->line = cf->conf_file->line;
    section->name.len = len;
    section->name.data = (u_char *) &section[1];

    ngx_sprintf(section->name.data, "%s/%V", kind, name);

    other = mcf->sections.elts;

    for (i = 0; i < mcf->sections.nelts; i++) {
        if (ngx_strcmp(other[i]->name.data, section->name.data) == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate cloakroom %V", &section->name);
            return NULL;
        }
    }

    other = ngx_array_push(&mcf->sections);
    if (other == NULL) {
        return NULL;
    }

    *other = section;

    return section;
}


ngx_http_cloakroom_section_t *
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


/* one for all session policies of a provider */

ngx_http_cloakroom_section_t *
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


char *
ngx_http_cloakroom_set(ngx_conf_t *cf, ngx_str_t *section, ngx_str_t *name,
    ngx_str_t *value)
{
    cloakroom_error                  error;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    error.message[0] = '\0';

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
 * Checks one section, or with none how all fit together.  Its own directive is
 * the place of a mistake, wherever it shows.
 */

ngx_int_t
ngx_http_cloakroom_validate(ngx_conf_t *cf, ngx_str_t *name)
{
    char                             *p, *first;
    ngx_uint_t                        i;
    cloakroom_error                   error;
    ngx_http_cloakroom_section_t     *culprit, **section;
    ngx_http_cloakroom_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    error.message[0] = '\0';

    if (cloakroom_config_validate(mcf->config, ngx_http_cloakroom_str(name),
                                  &error)
        == CLOAKROOM_OK)
    {
        return NGX_OK;
    }

    /* the section that is named first, and of "a/b" and "a/bc" the longer */

    culprit = NULL;
    first = NULL;
    section = mcf->sections.elts;

    for (i = 0; i < mcf->sections.nelts; i++) {
        p = ngx_strstr(error.message, section[i]->name.data);

        if (p && (culprit == NULL || p < first
                  || (p == first && section[i]->name.len > culprit->name.len)))
        {
            culprit = section[i];
            first = p;
        }
    }

    if (culprit) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "cloakroom: %s in %s:%ui",
                      error.message, culprit->file, culprit->line);
    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cloakroom: %s",
                           error.message);
    }

    return NGX_ERROR;
}
