
/*
 * The host of libcloakroom in nginx.
 *
 *   ngx_http_cloakroom_module.c   places in nginx, configuration
 *   ngx_http_cloakroom_conf.c     from directives to the library's settings
 *   ngx_http_cloakroom_access.c   which policy, and what its decision means
 *   ngx_http_cloakroom_request.c  asking for a decision, waiting for it
 *   ngx_http_cloakroom_headers.c  what the upstream gets: edited fields
 *   ngx_http_cloakroom_answer.c   what the client gets; variables
 *   ngx_http_cloakroom_engine.c   the engine of a worker process
 *
 * What an operator should know:
 *
 * - Only main requests are decided, as in nginx's own access modules.
 *   Subrequests carry the header fields as they stand: before the content
 *   phase (auth_request) the client's, later (mirror, SSI) those for the
 *   upstream, the bearer token included.
 * - "return" and "rewrite" that answer do so before the access phase.
 * - Other access modules speak first.  With "satisfy any" a request that one
 *   of them admits is not refused here; it is still decided, so that no header
 *   field of the client's making reaches the upstream.
 * - Answers made here are final: error_page does not replace them.  Where the
 *   library can not be asked, nginx's own 503 is sent, and error_page applies.
 * - After an internal redirect (error_page, try_files, index) a location with
 *   a policy of its own decides on the client's original header fields.  With
 *   "cloakroom off" they go on as they came.  A location for which nothing is
 *   said goes on with what was decided before.
 * - What "set", "if" or "map" have copied from a header field before the
 *   access phase stays as the client sent it.
 * - nginx writes names of variables in small letters: $cloakroom_claim_NAME
 *   tells claims whose names have no others.
 * - A reload keeps the loaded library and module; for new ones restart nginx,
 *   or upgrade it with USR2.
 */


#ifndef _NGX_HTTP_CLOAKROOM_MODULE_H_INCLUDED_
#define _NGX_HTTP_CLOAKROOM_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <cloakroom.h>


typedef struct ngx_http_cloakroom_section_s  ngx_http_cloakroom_section_t;

/* a provider or a policy: what the library calls a section */

struct ngx_http_cloakroom_section_s {
    ngx_str_t                      name;      /* "policy/1" */
    ngx_str_t                      provider;

    /* where it stands in the configuration */
    u_char                        *file;
    ngx_uint_t                     line;

    /* the policy that answers the endpoints wherever this one is used */
    ngx_http_cloakroom_section_t  *endpoints;
};


typedef struct {
    cloakroom_config              *config;
    ngx_array_t                    sections;  /* ..._section_t * */
    ngx_uint_t                     policies;  /* how many of them */
} ngx_http_cloakroom_main_conf_t;


typedef struct {
    ngx_array_t                    endpoints; /* ..._section_t * */
} ngx_http_cloakroom_srv_conf_t;


typedef struct {
    /* NULL: nothing is said; &ngx_http_cloakroom_off: off */
    ngx_http_cloakroom_section_t  *policy;
} ngx_http_cloakroom_loc_conf_t;


typedef struct {
    ngx_http_request_t            *request;
    ngx_http_cloakroom_section_t  *policy;
    cloakroom_request             *decision;

    /* where the policy was found: it is the same as long as these are */
    ngx_http_cloakroom_loc_conf_t *conf;
    unsigned                       internal:1;

    /* whose edits r->headers_in shows; NULL: as the client sent it */
    cloakroom_request             *edited;

    ngx_list_part_t                headers;   /* as the client sent them */
    ngx_uint_t                     nheaders;

    unsigned                       parked:1;
    unsigned                       answered:1;
} ngx_http_cloakroom_ctx_t;


static ngx_inline cloakroom_str
ngx_http_cloakroom_str(ngx_str_t *s)
{
    cloakroom_str  str;

    str.data = (const char *) s->data;
    str.len = s->len;

    return str;
}


static ngx_inline cloakroom_str
ngx_http_cloakroom_policy_name(ngx_http_cloakroom_section_t *policy)
{
    cloakroom_str  str;

    str.data = (const char *) policy->name.data + sizeof("policy/") - 1;
    str.len = policy->name.len - (sizeof("policy/") - 1);

    return str;
}


char *ngx_http_cloakroom_settings(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cloakroom_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cloakroom_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_cloakroom_validate(ngx_conf_t *cf, ngx_str_t *name);

ngx_int_t ngx_http_cloakroom_access_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_cloakroom_precontent_handler(ngx_http_request_t *r);

ngx_http_cloakroom_ctx_t *ngx_http_cloakroom_create_ctx(ngx_http_request_t *r);
ngx_http_cloakroom_ctx_t *ngx_http_cloakroom_get_ctx(ngx_http_request_t *r);
ngx_int_t ngx_http_cloakroom_start(ngx_http_cloakroom_ctx_t *ctx,
    ngx_http_cloakroom_section_t *policy);
void ngx_http_cloakroom_resume(ngx_http_cloakroom_ctx_t *ctx);

ngx_int_t ngx_http_cloakroom_edit_request(ngx_http_request_t *r,
    ngx_http_cloakroom_ctx_t *ctx, cloakroom_request *decision);

ngx_int_t ngx_http_cloakroom_answer(ngx_http_request_t *r,
    ngx_http_cloakroom_ctx_t *ctx);
void ngx_http_cloakroom_header_filter_init(void);
ngx_int_t ngx_http_cloakroom_add_variables(ngx_conf_t *cf);

ngx_int_t ngx_http_cloakroom_init_process(ngx_cycle_t *cycle);
void ngx_http_cloakroom_exit_process(ngx_cycle_t *cycle);
void ngx_http_cloakroom_hold(ngx_int_t n);


extern ngx_module_t                  ngx_http_cloakroom_module;
extern ngx_http_cloakroom_section_t  ngx_http_cloakroom_off;
extern cloakroom_engine             *ngx_http_cloakroom_engine;


#endif /* _NGX_HTTP_CLOAKROOM_MODULE_H_INCLUDED_ */
