/* The two products with float sums that every level has: float32, and bf16 as rounded floats. To be included
   after a micro-kernel for floats. */
#define STEP 1
#define SCALED 0
#define CORRECTION(count, words) 0
#define weights_scale(k, w) 1.0f
#define GENERAL

#define NAME(x) FLOAT32_NAME(x)
#define PRODUCT_NAME FLOAT32_TEXT
#define ROWS_AS_THEY_ARE
#define encode_weights(depth, w, scale, words) ((void)(scale), encode_float(depth, w, words))
#define across float_across
#include "tensor/products_body.h"
#undef NAME
#undef PRODUCT_NAME
#undef ROWS_AS_THEY_ARE
#undef encode_weights
#undef across

#define NAME(x) BF16_NAME(x)
#define PRODUCT_NAME BF16_TEXT
#define encode_row(depth, x, words, ret_scale) ((void)(ret_scale), encode_bf16_floats(depth, x, words))
#define encode_weights(depth, w, scale, words) ((void)(scale), encode_bf16_floats(depth, w, words))
#define along encode_bf16_floats
#define across bf16_floats_across
#include "tensor/products_body.h"
#undef NAME
#undef PRODUCT_NAME
#undef encode_row
#undef encode_weights
#undef along
#undef across
