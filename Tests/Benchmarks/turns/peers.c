/* What the library is compared with. */
#include "turns.h"

#include <jansson.h>
#include <openssl/rsa.h>
#include <string.h>
#include <time.h>

#ifdef WITH_CJOSE
#include <cjose/cjose.h>
#endif


/* bare */

static int
verify_signature(lane_t *lane, token_t *token)
{
    char           *start;
    size_t          len;
    unsigned int    n;
    unsigned char   sig[1032], md[32], *der;
    static __thread unsigned char  encoded[160];
    start = token->text + token->second + 1;
    len = decode(sig, start, token->len - token->second - 1);

    if (alg[0] == 'E' && alg[1] == 'd') {
        if (lane->md == NULL) {
            lane->md = EVP_MD_CTX_new();
            EVP_DigestVerifyInit(lane->md, NULL, NULL, NULL, pkey);
        }

        return EVP_DigestVerify(lane->md, sig, len, (unsigned char *) token->text,
                                token->second) == 1;
    }

    if (lane->md == NULL) {
        lane->md = EVP_MD_CTX_new();
        lane->key = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
        EVP_PKEY_verify_init(lane->key);
        if (alg[0] == 'R') {
            EVP_PKEY_CTX_set_rsa_padding(lane->key, RSA_PKCS1_PADDING);
        }
        EVP_PKEY_CTX_set_signature_md(lane->key, sha256);
    }

    if (EVP_DigestInit_ex2(lane->md, sha256, NULL) != 1
        || EVP_DigestUpdate(lane->md, token->text, token->second) != 1
        || EVP_DigestFinal_ex(lane->md, md, &n) != 1)
    {
        return 0;
    }

    der = sig;

    if (alg[0] == 'E') {
        size_t  half, i, skip, at = 2;

        for (half = 0; half < 2; half++) {
            const unsigned char  *number = sig + 32 * half;

            for (skip = 0; skip < 31 && number[skip] == 0; skip++);
            encoded[at++] = 2;
            encoded[at++] = 32 - skip + (number[skip] >> 7);
            if (number[skip] & 0x80) encoded[at++] = 0;
            for (i = skip; i < 32; i++) encoded[at++] = number[i];
        }

        encoded[0] = 0x30;
        encoded[1] = at - 2;
        der = encoded;
        len = at;
    }

    return EVP_PKEY_verify(lane->key, der, len, md, 32) == 1;
}


int
check_bare(candidate_t *candidate, lane_t *lane, token_t *token)
{
    (void) candidate;

    return verify_signature(lane, token);
}


/* jansson, and then the signature */

static int
claims_are_good(const char *json, size_t len)
{
    int     good, found;
    size_t  i;
    json_t *root, *aud, *value;

    root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    value = json_object_get(root, "iss");
    good = value && json_is_string(value) && strcmp(json_string_value(value), issuer) == 0;
    good = good && json_integer_value(json_object_get(root, "exp")) > time(NULL);
    found = 0;
    aud = json_object_get(root, "aud");
    json_array_foreach(aud, i, value) {
        found |= strcmp(json_string_value(value), audience) == 0;
    }
    json_decref(root);

    return good && found;
}


int
check_jansson(candidate_t *candidate, lane_t *lane, token_t *token)
{
    int            good;
    size_t         len;
    json_t        *header;
    const char    *name;
    unsigned char  buffer[2048];

    (void) candidate;

    len = decode(buffer, token->text, token->first);
    header = json_loadb((char *) buffer, len, JSON_REJECT_DUPLICATES, NULL);
    name = json_string_value(json_object_get(header, "alg"));
    good = name && strcmp(name, alg) == 0;
    json_decref(header);

    len = decode(buffer, token->text + token->first + 1, token->second - token->first - 1);

    return good && claims_are_good((char *) buffer, len) && verify_signature(lane, token);
}


#ifdef WITH_CJOSE

static cjose_jwk_t  *cjose_key;


void
make_cjose_key(const char *jwk)
{
    cjose_err  error;

    cjose_key = cjose_jwk_import(jwk, strlen(jwk), &error);
    if (cjose_key == NULL) {
        fail(error.message);
    }
}


int
check_cjose(candidate_t *candidate, lane_t *lane, token_t *token)
{
    int           good;
    size_t        len;
    uint8_t      *plain;
    cjose_err     error;
    cjose_jws_t  *jws;

    (void) candidate;
    (void) lane;

    jws = cjose_jws_import(token->text, token->len, &error);
    good = jws && cjose_jws_verify(jws, cjose_key, &error)
           && cjose_jws_get_plaintext(jws, &plain, &len, &error)
           && claims_are_good((char *) plain, len);
    cjose_jws_release(jws);

    return good;
}

#endif
