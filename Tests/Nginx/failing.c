/*
 * What nginx's module allocates, and fails to: linked into a copy of the
 * module, in front of nginx's functions (--wrap).  CONTROL names a file with
 * two numbers: which allocation is to fail, and how many there have been.
 */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <sys/mman.h>


static int is_refused(void);


#define WRAP(type, name, parameters, arguments)                               \
    type *__real_##name parameters;                                           \
    type *__wrap_##name parameters;                                           \
    type *__wrap_##name parameters                                            \
    {                                                                         \
        return is_refused() ? NULL : __real_##name arguments;                 \
    }

WRAP(void, ngx_palloc, (ngx_pool_t *pool, size_t size), (pool, size))
WRAP(void, ngx_pcalloc, (ngx_pool_t *pool, size_t size), (pool, size))
WRAP(void, ngx_pnalloc, (ngx_pool_t *pool, size_t size), (pool, size))
WRAP(void, ngx_list_push, (ngx_list_t *list), (list))
WRAP(void, ngx_array_push, (ngx_array_t *array), (array))
WRAP(ngx_pool_cleanup_t, ngx_pool_cleanup_add, (ngx_pool_t *pool, size_t size),
     (pool, size))
WRAP(ngx_connection_t, ngx_get_connection, (ngx_socket_t s, ngx_log_t *log),
     (s, log))
WRAP(ngx_http_variable_t, ngx_http_add_variable,
     (ngx_conf_t *cf, ngx_str_t *name, ngx_uint_t flags), (cf, name, flags))


static int
is_refused(void)
{
    int                        fd;
    uint64_t                   number;
    static volatile uint64_t  *control;

    if (control == NULL) {
        fd = open(CONTROL, O_RDWR);
        control = mmap(NULL, 16, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);

        if (control == MAP_FAILED) {
            abort();
        }
    }

    number = __sync_add_and_fetch(&control[1], 1);

    return number == control[0];
}
