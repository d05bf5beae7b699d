
/*
 * The module: its directives, its configuration, its places in nginx.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_int_t ngx_http_cloakroom_init(ngx_conf_t *cf);
static void *ngx_http_cloakroom_create_main_conf(ngx_conf_t *cf);
static void ngx_http_cloakroom_free_config(void *data);
static void *ngx_http_cloakroom_create_srv_conf(ngx_conf_t *cf);
static void *ngx_http_cloakroom_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_cloakroom_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);


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
ngx_http_cloakroom_section_t  ngx_http_cloakroom_off;


static void *
ngx_http_cloakroom_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t              *cln;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cloakroom_main_conf_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (mcf == NULL || cln == NULL
        || ngx_array_init(&mcf->sections, cf->pool, 8,
                          sizeof(ngx_http_cloakroom_section_t *))
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
                          sizeof(ngx_http_cloakroom_section_t *))
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
    ngx_http_cloakroom_section_t   **pp;
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
    ngx_str_t                        none;
    ngx_array_t                     *access;
    ngx_http_handler_pt             *h;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_cloakroom_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cloakroom_module);

    if (mcf->sections.nelts == 0) {
        return NGX_OK;
    }

    /* how all that is said fits together is known only now */

    ngx_str_null(&none);

    if (ngx_http_cloakroom_validate(cf, &none) != NGX_CONF_OK) {
        return NGX_ERROR;
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
