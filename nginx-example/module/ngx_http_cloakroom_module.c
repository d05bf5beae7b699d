
/*
 * Directives:
 *
 *   http:      cloakroom_settings { NAME VALUE...; }
 *   http:      cloakroom_provider PROVIDER { NAME VALUE...; }
 *   location:  cloakroom off | MODE PROVIDER [NAME=VALUE]...
 *
 * MODE is "bearer" or "session".  The last one may stand in http and server as
 * well and is inherited.  A value of several words is put in quotes together
 * with its name: "scope=read write".  Names and values are the library's; what
 * it does not like is an error at the line of the directive.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_int_t ngx_http_cloakroom_init(ngx_conf_t *cf);
static void *ngx_http_cloakroom_create_main_conf(ngx_conf_t *cf);
static void ngx_http_cloakroom_free_config(void *data);
static void *ngx_http_cloakroom_create_srv_conf(ngx_conf_t *cf);
static void *ngx_http_cloakroom_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_cloakroom_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_cloakroom_settings(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cloakroom_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_cloakroom_block(ngx_conf_t *cf, ngx_str_t *section);
static char *ngx_http_cloakroom_setting(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static char *ngx_http_cloakroom_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_http_cloakroom_policy_t *ngx_http_cloakroom_create_policy(
    ngx_conf_t *cf, ngx_str_t *mode, ngx_str_t *provider);
static ngx_http_cloakroom_policy_t *ngx_http_cloakroom_endpoints(
    ngx_conf_t *cf, ngx_str_t *provider);
static ngx_int_t ngx_http_cloakroom_set(ngx_conf_t *cf, ngx_str_t *section,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_cloakroom_validate(ngx_conf_t *cf,
    ngx_str_t *section, ngx_http_cloakroom_policy_t *policy);


static ngx_command_t  ngx_http_cloakroom_commands[] = {

    { ngx_string("cloakroom_settings"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_NOARGS,
      ngx_http_cloakroom_settings,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cloakroom_provider"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_cloakroom_provider,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("cloakroom"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_cloakroom_policy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cloakroom_module_ctx = {
    ngx_http_cloakroom_add_variables,      /* preconfiguration */
    ngx_http_cloakroom_init,               /* postconfiguration */

    ngx_http_cloakroom_create_main_conf,   /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_cloakroom_create_srv_conf,    /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_cloakroom_create_loc_conf,    /* create location configuration */
    ngx_http_cloakroom_merge_loc_conf      /* merge location configuration */
};


ngx_module_t  ngx_http_cloakroom_module = {
    NGX_MODULE_V1,
    &ngx_http_cloakroom_module_ctx,        /* module context */
    ngx_http_cloakroom_commands,           /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cloakroom_init_process,       /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_cloakroom_exit_process,       /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* stands for "cloakroom off", which is more than no directive at all */
ngx_http_cloakroom_policy_t  ngx_http_cloakroom_off;


static char *
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


static char *
ngx_http_cloakroom_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cloakroom_main_conf_t *mcf = conf;

    char        *rv;
    ngx_str_t   *value, *provider, section;
    ngx_uint_t   i;

    value = cf->args->elts;
    provider = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (provider[i].len == value[1].len
            && ngx_strncmp(provider[i].data, value[1].data, value[1].len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate cloakroom provider \"%V\"",
                               &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    provider = ngx_array_push(&mcf->providers);
    if (provider == NULL) {
        return NGX_CONF_ERROR;
    }

    *provider = value[1];

    section.data = ngx_pnalloc(cf->pool, sizeof("provider/") + provider->len);
    if (section.data == NULL) {
        return NGX_CONF_ERROR;
    }

    section.len = ngx_sprintf(section.data, "provider/%V", provider)
                  - section.data;

    rv = ngx_http_cloakroom_block(cf, &section);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_http_cloakroom_validate(cf, &section, NULL) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
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

    if (cf->args->nelts == 1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cloakroom setting \"%V\" has no value", &value[0]);
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        words.len += value[i].len + 1;
    }

    words.data = ngx_pnalloc(cf->pool, words.len);
    if (words.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = words.data;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ' ';
    }

    words.len--;

    if (ngx_http_cloakroom_set(cf, section, &value[0], &words) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cloakroom_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cloakroom_loc_conf_t *lcf = conf;

    u_char                       *p;
    ngx_str_t                    *value, name, words;
    ngx_uint_t                    i;
    ngx_http_cloakroom_policy_t  *policy;

    if (lcf->policy != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts > 2) {
            return "takes nothing after \"off\"";
        }

        lcf->policy = &ngx_http_cloakroom_off;
        return NGX_CONF_OK;
    }

    if (cf->args->nelts == 2) {
        return "needs a mode and the name of a provider, or \"off\"";
    }

    policy = ngx_http_cloakroom_create_policy(cf, &value[1], &value[2]);
    if (policy == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 3; i < cf->args->nelts; i++) {

        p = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

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

        if (ngx_http_cloakroom_set(cf, &policy->section, &name, &words)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_strcmp(value[1].data, "session") == 0) {
        policy->endpoints = ngx_http_cloakroom_endpoints(cf, &value[2]);
        if (policy->endpoints == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    lcf->policy = policy;

    return NGX_CONF_OK;
}


static ngx_http_cloakroom_policy_t *
ngx_http_cloakroom_create_policy(ngx_conf_t *cf, ngx_str_t *mode,
    ngx_str_t *provider)
{
    static ngx_str_t                 mode_name = ngx_string("mode");
    static ngx_str_t                 provider_name = ngx_string("provider");

    ngx_http_cloakroom_policy_t     *policy, **pp;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    policy = ngx_pcalloc(cf->pool, sizeof(ngx_http_cloakroom_policy_t));
    pp = ngx_array_push(&mcf->policies);

    if (policy == NULL || pp == NULL) {
        return NULL;
    }

    *pp = policy;

    policy->provider = *provider;
    policy->file = cf->conf_file->file.name.data;
    policy->line = cf->conf_file->line;

    policy->section.data = ngx_pnalloc(cf->pool, sizeof("policy/-") + mode->len
                                                 + NGX_INT_T_LEN);
    if (policy->section.data == NULL) {
        return NULL;
    }

    policy->section.len = ngx_sprintf(policy->section.data, "policy/%V-%ui",
                                      mode, mcf->policies.nelts)
                          - policy->section.data;

    if (ngx_http_cloakroom_set(cf, &policy->section, &mode_name, mode)
        != NGX_OK
        || ngx_http_cloakroom_set(cf, &policy->section, &provider_name,
                                  provider)
           != NGX_OK)
    {
        return NULL;
    }

    return policy;
}


/* one for all session policies of a provider */

static ngx_http_cloakroom_policy_t *
ngx_http_cloakroom_endpoints(ngx_conf_t *cf, ngx_str_t *provider)
{
    static ngx_str_t                 mode = ngx_string("endpoints");

    ngx_uint_t                       i;
    ngx_http_cloakroom_policy_t     *policy, **pp;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    pp = mcf->policies.elts;

    for (i = 0; i < mcf->policies.nelts; i++) {
        if (pp[i]->endpoints == pp[i]
            && pp[i]->provider.len == provider->len
            && ngx_strncmp(pp[i]->provider.data, provider->data, provider->len)
               == 0)
        {
            return pp[i];
        }
    }

    policy = ngx_http_cloakroom_create_policy(cf, &mode, provider);
    if (policy == NULL) {
        return NULL;
    }

    policy->endpoints = policy;

    return policy;
}


static ngx_int_t
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
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* a mistake in a policy is reported at the line of its directive */

static ngx_int_t
ngx_http_cloakroom_validate(ngx_conf_t *cf, ngx_str_t *section,
    ngx_http_cloakroom_policy_t *policy)
{
    cloakroom_error                  error;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    error.message[0] = '\0';

    if (cloakroom_config_validate(mcf->config, ngx_http_cloakroom_str(section),
                                  &error)
        == CLOAKROOM_OK)
    {
        return NGX_OK;
    }

    if (policy) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "cloakroom: %s in %s:%ui",
                      error.message, policy->file, policy->line);
    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cloakroom: %s",
                           error.message);
    }

    return NGX_ERROR;
}


static void *
ngx_http_cloakroom_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t              *cln;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cloakroom_main_conf_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (mcf == NULL || cln == NULL
        || ngx_array_init(&mcf->providers, cf->pool, 2, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&mcf->policies, cf->pool, 8,
                          sizeof(ngx_http_cloakroom_policy_t *))
           != NGX_OK)
    {
        return NULL;
    }

    /* made here, in the master, which reads the secret files as root */

    if (cloakroom_config_new(&mcf->config) != CLOAKROOM_OK) {
        return NULL;
    }

    cln->handler = ngx_http_cloakroom_free_config;
    cln->data = mcf->config;

    return mcf;
}


static void
ngx_http_cloakroom_free_config(void *data)
{
    cloakroom_config_free(data);
}


static void *
ngx_http_cloakroom_create_srv_conf(ngx_conf_t *cf)
{
    ngx_http_cloakroom_srv_conf_t  *scf;

    scf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cloakroom_srv_conf_t));

    if (scf == NULL
        || ngx_array_init(&scf->endpoints, cf->pool, 1,
                          sizeof(ngx_http_cloakroom_policy_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return scf;
}


static void *
ngx_http_cloakroom_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_cloakroom_loc_conf_t  *lcf;

    lcf = ngx_palloc(cf->pool, sizeof(ngx_http_cloakroom_loc_conf_t));
    if (lcf == NULL) {
        return NULL;
    }

    lcf->policy = NGX_CONF_UNSET_PTR;

    return lcf;
}


static char *
ngx_http_cloakroom_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_cloakroom_loc_conf_t *prev = parent;
    ngx_http_cloakroom_loc_conf_t *conf = child;

    ngx_uint_t                       i;
    ngx_http_cloakroom_policy_t    **pp;
    ngx_http_cloakroom_srv_conf_t   *scf;

    ngx_conf_merge_ptr_value(conf->policy, prev->policy, NULL);

    if (conf->policy == NULL || conf->policy->endpoints == NULL) {
        return NGX_CONF_OK;
    }

    /* the server answers the endpoints in all of its locations */

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_cloakroom_module);

    pp = scf->endpoints.elts;

    for (i = 0; i < scf->endpoints.nelts; i++) {
        if (pp[i] == conf->policy->endpoints) {
            return NGX_CONF_OK;
        }
    }

    pp = ngx_array_push(&scf->endpoints);
    if (pp == NULL) {
        return NGX_CONF_ERROR;
    }

    *pp = conf->policy->endpoints;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cloakroom_init(ngx_conf_t *cf)
{
    ngx_str_t                         all;
    ngx_uint_t                        i;
    ngx_array_t                      *access;
    ngx_http_handler_pt              *h;
    ngx_http_core_main_conf_t        *cmcf;
    ngx_http_cloakroom_policy_t     **pp;
    ngx_http_cloakroom_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    pp = mcf->policies.elts;

    for (i = 0; i < mcf->policies.nelts; i++) {
        if (ngx_http_cloakroom_validate(cf, &pp[i]->section, pp[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_str_null(&all);

    if ((mcf->settings || mcf->providers.nelts || mcf->policies.nelts)
        && ngx_http_cloakroom_validate(cf, &all, NULL) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (mcf->policies.nelts == 0) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    /* handlers run from the last to the first: the first has the last word */

    access = &cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers;

    if (ngx_array_push(access) == NULL) {
        return NGX_ERROR;
    }

    h = access->elts;
    ngx_memmove(&h[1], &h[0], (access->nelts - 1) * access->size);
    h[0] = ngx_http_cloakroom_access_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_cloakroom_precontent_handler;

    ngx_http_cloakroom_header_filter_init();

    return NGX_OK;
}
