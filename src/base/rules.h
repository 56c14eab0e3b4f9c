/* Parameters at their default (the rules themselves: taxamba/param.h). */
#ifndef TX_BASE_RULES_H
#define TX_BASE_RULES_H

#include <taxamba/param.h>

/* Whether the field of `object` has its default value, however the table spells that. */
bool tx_param_is_standard(const tx_param *param, const void *object);

#endif
