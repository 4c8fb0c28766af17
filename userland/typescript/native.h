/* SPDX-License-Identifier: MIT */
#ifndef UKL_NATIVE_H
#define UKL_NATIVE_H

#include "quickjs.h"

/* What QuickJS's modules "std" and "os" lack: native.d.ts describes it. */
JSModuleDef *js_init_module_ukl_native(JSContext *ctx, const char *name);

/* Keeps the arguments, and has promises watched that are rejected and that nobody handles. */
void ukl_native_start(JSContext *ctx, int argc, char **argv);

#endif
