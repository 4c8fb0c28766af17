// SPDX-License-Identifier: MIT
/*
 * Starts a TypeScript application: QuickJS, its modules of system calls, our
 * "ukl:native", and the application's bytecode, which qjsc has made.
 */

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "quickjs-libc.h"
#include "native.h"

/* What qjsc writes; -N gives it this name. */
extern const uint8_t ukl_program[];
extern const uint32_t ukl_program_size;

static JSContext *make_context(JSRuntime *rt)
{
	JSContext *ctx;

	if (!rt)
		return NULL;
	js_std_init_handlers(rt);
	ctx = JS_NewContext(rt);
	if (!ctx)
		return NULL;
	if (!js_init_module_std(ctx, "quickjs:std") || !js_init_module_os(ctx, "quickjs:os") ||
	    !js_init_module_ukl_native(ctx, "ukl:native"))
		return NULL;
	return ctx;
}

/*
 * Runs the module up to where it first waits. Returns its promise, or an
 * exception when it could not be started at all. What it throws later is a
 * rejection of that promise, which the module that reports errors looks after.
 */
static JSValue start_program(JSContext *ctx)
{
	JSValue module = JS_ReadObject(ctx, ukl_program, ukl_program_size, JS_READ_OBJ_BYTECODE);

	if (JS_IsException(module))
		return module;
	if (JS_ResolveModule(ctx, module) < 0) {
		JS_FreeValue(ctx, module);
		return JS_EXCEPTION;
	}
	return JS_EvalFunction(ctx, module);
}

int main(int argc, char **argv)
{
	JSContext *ctx = make_context(JS_NewRuntime());
	JSValue program;

	if (!ctx) {
		fputs("cannot start: out of memory\n", stderr);
		return 1;
	}
	/* Writing to what nobody reads is an error of that write. */
	signal(SIGPIPE, SIG_IGN);
	ukl_native_start(ctx, argc, argv);
	program = start_program(ctx);
	if (JS_IsException(program)) {
		js_std_dump_error(ctx);
		return 1;
	}
	js_std_loop(ctx);
	if (JS_PromiseState(ctx, program) != JS_PROMISE_PENDING)
		return 0;
	fputs("The program waits at its top level for what can never happen: nothing is open and no timer runs\n",
	      stderr);
	return 1;
}
