/*
 * What a program compiled against cloakroom.h relies on for ever: refused by
 * the compiler, of C and of C++, where it is no longer so.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <cloakroom.h>

#define FACT(name, fact)  typedef char name[(fact) ? 1 : -1]
#define WORD              sizeof(void *)

#ifdef __cplusplus
#define SIZE_OF(type, member)  sizeof(type::member)
#else
#define SIZE_OF(type, member)  sizeof(((type *) 0)->member)
#endif

#define MEMBER(type, member, offset, size)                                    \
    FACT(type##_##member##_lies_there, offsetof(type, member) == (offset));   \
    FACT(type##_##member##_is_as_big,                                         \
         SIZE_OF(type, member) == (size))

#define SIZE(type, size)  FACT(type##_is_as_big, sizeof(type) == (size))
#define NUMBER(name, number)  FACT(name##_is_that, (name) == (number))

SIZE(cloakroom_str, 2 * WORD);
MEMBER(cloakroom_str, data, 0, WORD);
MEMBER(cloakroom_str, len, WORD, WORD);

SIZE(cloakroom_header, 4 * WORD);
MEMBER(cloakroom_header, name, 0, 2 * WORD);
MEMBER(cloakroom_header, value, 2 * WORD, 2 * WORD);

SIZE(cloakroom_error, 256);
MEMBER(cloakroom_error, code, 0, 4);
MEMBER(cloakroom_error, message, 4, 252);

/* Tells its size: it may grow behind what is here. */
FACT(cloakroom_request_info_is_as_big,
     sizeof(cloakroom_request_info) >= 16 * WORD);
MEMBER(cloakroom_request_info, struct_size, 0, WORD);
MEMBER(cloakroom_request_info, method, WORD, 2 * WORD);
MEMBER(cloakroom_request_info, scheme, 3 * WORD, 2 * WORD);
MEMBER(cloakroom_request_info, authority, 5 * WORD, 2 * WORD);
MEMBER(cloakroom_request_info, target, 7 * WORD, 2 * WORD);
MEMBER(cloakroom_request_info, client_address, 9 * WORD, 2 * WORD);
MEMBER(cloakroom_request_info, policy, 11 * WORD, 2 * WORD);
MEMBER(cloakroom_request_info, headers, 13 * WORD, WORD);
MEMBER(cloakroom_request_info, header_count, 14 * WORD, WORD);
MEMBER(cloakroom_request_info, host_data, 15 * WORD, WORD);

SIZE(cloakroom_status, 4);
SIZE(cloakroom_decision, 4);

NUMBER(CLOAKROOM_OK, 0);
NUMBER(CLOAKROOM_PENDING, 1);
NUMBER(CLOAKROOM_MISUSE, -1);
NUMBER(CLOAKROOM_INVALID_CONFIG, -2);
NUMBER(CLOAKROOM_NOT_FOUND, -3);
NUMBER(CLOAKROOM_LIMIT, -4);
NUMBER(CLOAKROOM_SYSTEM, -5);
NUMBER(CLOAKROOM_DECISION_NONE, 0);
NUMBER(CLOAKROOM_DECISION_FORWARD, 1);
NUMBER(CLOAKROOM_DECISION_RESPOND, 2);
NUMBER(CLOAKROOM_HEADERS_UPSTREAM, 0);
NUMBER(CLOAKROOM_HEADERS_CLIENT, 1);

#endif /* LAYOUT_H */
