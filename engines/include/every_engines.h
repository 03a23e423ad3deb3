/* The engines of `every` that have no C++ equal, behind C: Wasmtime with our sandbox around it, componentising,
 * WIT text, URL printing, name spellings. The Rust side is engines/src; groups stand in the same order there.
 *
 * Rules for every function here:
 * - It returns an every_status_t; on failure `error` (may be null) receives a text to show, else it stays untouched.
 * - Outputs are written on success only, but for every_outcome_t, whose figures are also written on failure.
 * - every_bytes_t outputs belong to the caller until every_bytes_free. Text is UTF-8 without a final NUL.
 * - No panic or exception leaves the library; what goes wrong inside is EVERY_STATUS_PANIC.
 * - thread: any, unless said otherwise; engines and components may be used from many threads at once.
 */
#ifndef EVERY_ENGINES_H
#define EVERY_ENGINES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- ffi.rs: buffers and status ------------------------------------------------------------------------------- */

typedef struct every_bytes_t {
  uint8_t* data;
  size_t len;
  size_t capacity;
} every_bytes_t;

/* Gives a buffer back; a zeroed one is fine. It is zeroed after. */
void every_bytes_free(every_bytes_t* bytes);

typedef enum every_status_t {
  EVERY_STATUS_OK = 0,
  EVERY_STATUS_INVALID = 1,     /* bytes or text that do not parse, or a call that makes no sense */
  EVERY_STATUS_UNSUPPORTED = 2, /* valid, but an import or type we do not give; the text names it */
  EVERY_STATUS_TRAP = 3,        /* the guest stopped itself or broke a rule */
  EVERY_STATUS_MEMORY_LIMIT = 4, /* outcome.limit and outcome.wanted in bytes */
  EVERY_STATUS_TABLE_LIMIT = 5,  /* outcome.limit and outcome.wanted in elements */
  EVERY_STATUS_STACK_LIMIT = 6,  /* EVERY_STACK_BYTES */
  EVERY_STATUS_FUEL_LIMIT = 7,
  EVERY_STATUS_TIME_LIMIT = 8,   /* on_tick returned 1 */
  EVERY_STATUS_RESULT_LIMIT = 9, /* outcome.limit in bytes */
  EVERY_STATUS_LOG_LIMIT = 10,   /* on_log returned non-zero */
  EVERY_STATUS_CANCELLED = 11,   /* on_tick returned something else */
  EVERY_STATUS_EXIT = 12,        /* the guest called exit; outcome.exit_code */
  EVERY_STATUS_DENIED = 13,  /* the guest called an import that ends the task; the text names it */
  EVERY_STATUS_NO_ROOM = 14, /* the pool is full, or cannot be reserved */
  EVERY_STATUS_PANIC = 15,   /* our own bug */
  EVERY_STATUS_MEMORY_BUDGET = 16 /* as MEMORY_LIMIT, of all guests of this process together */
} every_status_t;

/* ---- engine.rs ------------------------------------------------------------------------------------------------ */

/* Wasmtime's own engine (wasm.h): wasm_engine_delete and wasmtime_engine_increment_epoch work on it. */
struct wasm_engine_t;

#define EVERY_STACK_BYTES (1u << 20) /* of a guest */

/* Where compiled functions are kept between compilations. Called from many threads at once; must not unwind. */
typedef struct every_function_store_t {
  void* context;
  /* 1 and what was kept under the key, which lives as long as the engine; 0: nothing. */
  int32_t (*find)(void* context, const uint8_t* key, size_t key_len, const uint8_t** data,
                  size_t* len);
  void (*put)(void* context, const uint8_t* key, size_t key_len, const uint8_t* data, size_t len);
} every_function_store_t;

typedef struct every_engine_options_t {
  int32_t pooling;  /* 1: slots reserved ahead, fast and bounded; 0: on demand */
  int32_t metering; /* 1: counts fuel (slower code; compiled code is not shared with the others) */
  uint32_t pool_instances; /* guests at once, with pooling */
  uint64_t
      memory_keep_resident; /* [bytes] of a slot's memory zeroed by hand and not given back, with pooling */
  uint64_t table_keep_resident; /* the same for tables */
  uint32_t decommit_batch;      /* slots given back to the kernel together */
  const every_function_store_t*
      functions; /* copied; its context outlives the engine; may be null. Trusted: its content runs */
} every_engine_options_t;

/* An engine. errors: NO_ROOM the pool cannot be reserved, or the processor cannot run it. */
int32_t every_engine_new(const every_engine_options_t* options, struct wasm_engine_t** engine,
                         every_bytes_t* error);
/* Text that names everything compiled code depends on: version, target, settings. Part of a cache key. */
void every_engine_fingerprint(const struct wasm_engine_t* engine, every_bytes_t* out);

/* ---- component.rs, describe.rs -------------------------------------------------------------------------------- */

/* A compiled component, linked to the sandbox. Immutable. */
typedef struct every_component_t every_component_t;

/* Compiles the binary of a component. cost: seconds for big ones, many threads.
 * errors: INVALID not a valid component; UNSUPPORTED an import nobody defines (named). */
int32_t every_component_compile(const struct wasm_engine_t* engine, const uint8_t* bytes,
                                size_t len, every_component_t** component, every_bytes_t* error);
/* Compiled code as bytes, to be loaded by an engine of the same fingerprint. */
int32_t every_component_serialize(const every_component_t* component, every_bytes_t* out,
                                  every_bytes_t* error);
/* Loads compiled code, copied from memory or mapped from a file (which must never change afterwards). UNSAFE: it runs what
 * it is given; only bytes that this process or one it trusts as itself has serialised.
 * errors: INVALID made by another version, target or setting; UNSUPPORTED as in compile. */
int32_t every_component_deserialize(const struct wasm_engine_t* engine, const uint8_t* bytes,
                                    size_t len, every_component_t** component,
                                    every_bytes_t* error);
int32_t every_component_deserialize_file(const struct wasm_engine_t* engine, const uint8_t* path,
                                         size_t path_len, every_component_t** component,
                                         every_bytes_t* error);
void every_component_delete(every_component_t* component);

/* The functions and imports of a component:
 *   component = n { function }, n { import: text }
 *   function  = interface: text (empty at the root), name: text, async: u8, n { param: text, type }, optional
 *   optional  = 0 | 1 type
 *   type      = 0 bool | 1 s8 | 2 u8 | 3 s16 | 4 u16 | 5 s32 | 6 u32 | 7 s64 | 8 u64 | 9 f32 | 10 f64 | 11 char | 12 string
 *             | 13 type (list) | 14 n { name: text, type } (record) | 15 n { type } (tuple) | 16 n { name: text, optional } (variant)
 *             | 17 n { text } (enum) | 18 type (option) | 19 ok: optional, err: optional (result) | 20 n { text } (flags)
 *             | 21 key: type, value: type (map) | 22 n type (fixed-length list) | 23 text (a type no value has: resource, …)
 *   n, text   = u32 little-endian; n bytes of UTF-8
 * The number of a function here is what every_call takes. errors: UNSUPPORTED types too large to write down. */
int32_t every_component_describe(const every_component_t* component, every_bytes_t* out,
                                 every_bytes_t* error);

/* ---- call.rs, task.rs, wire.rs -------------------------------------------------------------------------------- */

typedef enum every_source_t {
  EVERY_SOURCE_LOGGING =
      0, /* wasi:logging; level 0 trace … 4 error, 5 critical; category is the guest's context */
  EVERY_SOURCE_PRINT = 1,  /* homestar:host/helpers print */
  EVERY_SOURCE_STDOUT = 2, /* a piece of output, not a line */
  EVERY_SOURCE_STDERR = 3
} every_source_t;

typedef struct every_call_options_t {
  uint8_t seed[32];      /* what wasi:random is made from */
  uint64_t memory_limit; /* [bytes] of all memories together */
  uint64_t table_limit;  /* [elements] of all tables together */
  uint64_t
      memory_budget; /* [bytes] of memories and tables of all calls of this process that are under way; one that has no more
                             than its equal share is not ended for it. 0: none */
  uint64_t fuel;     /* UINT64_MAX: not metered; else the engine must be metering */
  uint64_t result_limit; /* [bytes] of the result in flat form */
  void* context;         /* given to the callbacks, which come on the calling thread */
  /* Returns 0 to go on; anything else ends the task with LOG_LIMIT. */
  int32_t (*on_log)(void* context, uint32_t source, uint32_t level, const uint8_t* category,
                    size_t category_len, const uint8_t* message, size_t message_len);
  /* Asked after each increment of the engine's epoch: 0 go on, 1 time is up, else cancelled. */
  int32_t (*on_tick)(void* context);
} every_call_options_t;

typedef struct every_outcome_t {
  every_bytes_t value; /* the result in flat form; empty when the function has none */
  every_bytes_t
      backtrace; /* on failure: the guest's frames, innermost first, one a line, names demangled; or empty */
  uint64_t peak_memory; /* [bytes] */
  uint64_t fuel_used;
  uint64_t limit;
  uint64_t wanted;
  int32_t exit_code;
} every_outcome_t;

/* Runs one function in a fresh instance, on this thread, and drops the instance.
 *
 * Arguments and result are in the flat form, one after the other, little-endian and without padding, directed by type:
 *   bool u8 (0, 1); integers and floats in their width; char u32; string u32 length and UTF-8; list u32 count and elements;
 *   fixed-length list its elements; map u32 count and key, value pairs; record and tuple their members; variant and enum u32
 *   case number and payload; option u8 and payload; result u8 (0 ok, 1 err) and payload; flags ceil(count / 32) words u32.
 * `args` is read until the call returns. cost: one copy a value; lists of fixed-width numbers are copied as a whole. */
int32_t every_call(const every_component_t* component, uint32_t function,
                   const every_call_options_t* options, const uint8_t* args, size_t args_len,
                   every_outcome_t* outcome, every_bytes_t* error);

/* ---- encode.rs ------------------------------------------------------------------------------------------------ */

/* The component that `source` is or becomes: a component, a core module with a component-type section (with the preview1
 * adapter if it needs one), or the text of either. errors: INVALID neither, or an invalid one. */
int32_t every_componentize(const uint8_t* source, size_t len, every_bytes_t* out,
                           every_bytes_t* error);
/* The WIT text of a component's world and packages, with its documentation comments if the component carries them. */
int32_t every_component_wit(const uint8_t* component, size_t len, every_bytes_t* out,
                            every_bytes_t* error);

/* ---- wit.rs --------------------------------------------------------------------------------------------------- */

/* Files here are a list of (path, content), each path and each content a 32-bit little-endian length and its bytes. The paths
 * of WIT files are relative to their folder, with `/`; what is below `deps/<name>` is another package. */

/* The worlds of a WIT package as JSON: {"package","worlds":[{"name","docs","imports":I,"exports":I}]} with I =
 * {"functions":[{"interface","name","docs","params":[{"name","type","shape"}],"result":null|{"type","shape"}}],"interfaces":[…]};
 * `type` is WIT text, `shape` the type written out. errors: INVALID with file, line and column. */
int32_t every_wit_worlds(const uint8_t* files, size_t len, every_bytes_t* out,
                         every_bytes_t* error);
/* One such world object: that of a component. errors: INVALID. */
int32_t every_component_world(const uint8_t* component, size_t len, every_bytes_t* out,
                              every_bytes_t* error);
/* C bindings of a world: a list of files (header, source, the object with the component's type).
 * errors: INVALID the WIT, an unknown world; UNSUPPORTED a type the generator does not know. */
int32_t every_c_bindings(const uint8_t* files, size_t len, const uint8_t* world, size_t world_len,
                         every_bytes_t* out, every_bytes_t* error);

/* ---- text.rs -------------------------------------------------------------------------------------------------- */

/* A URL as the WHATWG rules print it. errors: INVALID. */
int32_t every_url_normalize(const uint8_t* url, size_t len, every_bytes_t* out,
                            every_bytes_t* error);
/* The names under which to look for the function that a workflow calls so, in order, separated by NUL: as given, UPPER CASE,
 * kebab-case, snake_case, lowerCamelCase, UpperCamelCase, %name. */
int32_t every_export_candidates(const uint8_t* function, size_t len, every_bytes_t* out,
                                every_bytes_t* error);

#ifdef __cplusplus
}
#endif

#endif
