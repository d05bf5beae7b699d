/* Tokens that are all different, as Keycloak makes them. */
#include "turns.h"

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


const char  *alg, *kid, *issuer, *audience;
EVP_PKEY    *pkey;
EVP_MD      *sha256;

static const char  alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static unsigned char  values[256];


static size_t
encode(char *out, const unsigned char *in, size_t len)
{
    size_t         i, n;
    unsigned long  word;

    for (i = 0, n = 0; i < len; i += 3) {
        word = in[i] << 16 | (i + 1 < len ? in[i + 1] : 0) << 8
               | (i + 2 < len ? in[i + 2] : 0);
        out[n++] = alphabet[word >> 18 & 63];
        out[n++] = alphabet[word >> 12 & 63];
        if (i + 1 < len) out[n++] = alphabet[word >> 6 & 63];
        if (i + 2 < len) out[n++] = alphabet[word & 63];
    }

    return n;
}


size_t
decode(unsigned char *out, const char *in, size_t len)
{
    size_t    i, n;
    unsigned  word, bits;

    for (i = 0, n = 0, word = 0, bits = 0; i < len; i++) {
        word = word << 6 | values[(unsigned char) in[i]];
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            out[n++] = word >> bits;
        }
    }

    return n;
}


static size_t
raw_ecdsa(unsigned char *raw, const unsigned char *der, size_t len)
{
    ECDSA_SIG     *sig;
    const BIGNUM  *r, *s;

    sig = d2i_ECDSA_SIG(NULL, &der, len);
    ECDSA_SIG_get0(sig, &r, &s);
    BN_bn2binpad(r, raw, 32);
    BN_bn2binpad(s, raw + 32, 32);
    ECDSA_SIG_free(sig);

    return 64;
}


void
make_token(token_t *token, size_t number)
{
    int             n;
    char            buffer[4096], json[2048];
    size_t          len, siglen;
    long            at;
    EVP_MD_CTX     *ctx;
    unsigned char   sig[1024], raw[64];

    at = time(NULL);
    n = snprintf(json, sizeof(json), "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}", alg, kid);
    len = encode(buffer, (unsigned char *) json, n);
    token->first = len;
    buffer[len++] = '.';

    n = snprintf(json, sizeof(json),
        "{\"exp\":%ld,\"iat\":%ld,\"jti\":\"0b3f6c1e-7c5a-4b0e-9d5e-%012zx\","
        "\"iss\":\"%s\",\"aud\":[\"account\",\"%s\"],"
        "\"sub\":\"f1c2d3e4-a5b6-4789-8abc-def012345678\",\"typ\":\"Bearer\","
        "\"azp\":\"web-app\",\"sid\":\"9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d\",\"acr\":\"1\","
        "\"realm_access\":{\"roles\":[\"offline_access\",\"user\"]},"
        "\"scope\":\"openid profile email\",\"email_verified\":true,"
        "\"preferred_username\":\"alice\"}",
        at + 86400, at, number, issuer, audience);
    len += encode(buffer + len, (unsigned char *) json, n);
    token->second = len;

    ctx = EVP_MD_CTX_new();
    siglen = sizeof(sig);
    if (EVP_DigestSignInit(ctx, NULL, strcmp(alg, "EdDSA") ? sha256 : NULL, NULL, pkey) != 1
        || EVP_DigestSign(ctx, sig, &siglen, (unsigned char *) buffer, len) != 1)
    {
        fail("cannot sign");
    }
    EVP_MD_CTX_free(ctx);

    buffer[len++] = '.';
    if (alg[0] == 'E' && alg[1] == 'S') {
        len += encode(buffer + len, raw, raw_ecdsa(raw, sig, siglen));
    } else {
        len += encode(buffer + len, sig, siglen);
    }

    token->line = malloc(len + 8);
    memcpy(token->line, "Bearer ", 7);
    token->text = memcpy(token->line + 7, buffer, len);
    token->len = len;
}


void
prepare_tokens(const char *key_file)
{
    int    i;
    FILE  *file;

    for (i = 0; i < 64; i++) {
        values[(unsigned char) alphabet[i]] = i;
    }

    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    file = fopen(key_file, "r");
    pkey = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (pkey == NULL) {
        fail(key_file);
    }

    fclose(file);
}
