#include "openapi_base.h"

namespace every::gateway {

const std::string_view kOpenApiBase = R"json(
{
 "openapi": "3.1.0",
 "info": {
  "title": "every",
  "version": "1",
  "description": "Runs workflows of content-addressed WebAssembly component functions. What is known is not run again.",
  "license": {
   "name": "Apache-2.0",
   "identifier": "Apache-2.0"
  }
 },
 "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
 "tags": [
  {
   "name": "workflows",
   "description": "Several functions at once, one result going into another"
  },
  {
   "name": "runs",
   "description": "What ran, and what is under way"
  },
  {
   "name": "node",
   "description": "What is served, and how the node is"
  },
  {
   "name": "content",
   "description": "What is kept, by its CID"
  }
 ],
 "paths": {
  "/": {
   "get": {
    "operationId": "list functions",
    "tags": [
     "node"
    ],
    "summary": "Names of functions and the schemas of their parameters, as the Every CLI lists them",
    "responses": {
     "200": {
      "description": "Pairs of name and schema",
      "content": {
       "application/json": {
        "schema": {
         "type": "array",
         "items": {
          "type": "array",
          "minItems": 2,
          "maxItems": 2,
          "items": {
           "type": [
            "string",
            "object"
           ]
          }
         }
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/run": {
   "post": {
    "operationId": "run",
    "tags": [
     "workflows"
    ],
    "summary": "Runs a workflow and answers with its output",
    "parameters": [
     {
      "$ref": "#/components/parameters/allResults"
     },
     {
      "$ref": "#/components/parameters/fresh"
     },
     {
      "$ref": "#/components/parameters/raw"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "$ref": "#/components/schemas/RunRequest"
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The output of the last task that was not skipped, by its type",
      "content": {
       "text/plain": {
        "schema": {
         "type": "string"
        }
       },
       "image/svg+xml": {
        "schema": {
         "type": "string"
        }
       },
       "application/json": {
        "schema": {}
       },
       "application/octet-stream": {},
       "application/pdf": {},
       "application/wasm": {},
       "image/gif": {},
       "image/jpeg": {},
       "image/png": {},
       "image/webp": {}
      },
      "headers": {
       "Every-Run": {
        "$ref": "#/components/headers/Every-Run"
       },
       "Every-Receipt": {
        "$ref": "#/components/headers/Every-Receipt"
       },
       "Every-Replayed": {
        "$ref": "#/components/headers/Every-Replayed"
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "422": {
      "$ref": "#/components/responses/Failure"
     },
     "501": {
      "$ref": "#/components/responses/Failure"
     },
     "504": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/workflow": {
   "post": {
    "operationId": "plan",
    "tags": [
     "workflows"
    ],
    "summary": "The full form of a workflow, as it would run",
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "$ref": "#/components/schemas/RunRequest"
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The workflow",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/NamedWorkflow"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/{name}/schema": {
   "get": {
    "operationId": "function schema",
    "tags": [
     "node"
    ],
    "summary": "The schema of a function's parameters, with the Every CLI's `content-type`",
    "parameters": [
     {
      "$ref": "#/components/parameters/name"
     }
    ],
    "responses": {
     "200": {
      "description": "The schema",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/{name}/workflow": {
   "get": {
    "operationId": "plan call",
    "tags": [
     "workflows"
    ],
    "summary": "The full form of a call; the query holds its arguments",
    "parameters": [
     {
      "$ref": "#/components/parameters/name"
     }
    ],
    "responses": {
     "200": {
      "description": "The workflow",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/NamedWorkflow"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   },
   "post": {
    "operationId": "plan call by body",
    "tags": [
     "workflows"
    ],
    "summary": "The full form of a call",
    "parameters": [
     {
      "$ref": "#/components/parameters/name"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object"
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The workflow",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/NamedWorkflow"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/ipfs/{cid}": {
   "get": {
    "operationId": "content",
    "tags": [
     "content"
    ],
    "summary": "Content by its CID, as a trustless gateway gives it, and files as they are",
    "parameters": [
     {
      "name": "cid",
      "in": "path",
      "required": true,
      "description": "A CID",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "format",
      "in": "query",
      "description": "Counts before `Accept`",
      "schema": {
       "enum": [
        "raw",
        "car",
        "dag-json",
        "dag-cbor",
        "json",
        "cbor"
       ]
      }
     },
     {
      "name": "dag-scope",
      "in": "query",
      "description": "Of a CAR",
      "schema": {
       "enum": [
        "block",
        "entity",
        "all"
       ],
       "default": "all"
      }
     },
     {
      "name": "entity-bytes",
      "in": "query",
      "description": "Of a CAR of a file: `from:to`, both included; `*`: the end",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "filename",
      "in": "query",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "Range",
      "in": "header",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "If-None-Match",
      "in": "header",
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "The content",
      "content": {
       "*/*": {},
       "application/vnd.ipld.raw": {},
       "application/vnd.ipld.car": {},
       "application/vnd.ipld.dag-json": {},
       "application/vnd.ipld.dag-cbor": {}
      }
     },
     "206": {
      "description": "A range of it",
      "content": {
       "*/*": {}
      }
     },
     "304": {
      "description": "The client has it already"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "406": {
      "$ref": "#/components/responses/Failure"
     },
     "412": {
      "$ref": "#/components/responses/Failure"
     },
     "416": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/ipfs/{cid}/{path}": {
   "get": {
    "operationId": "contentAt",
    "tags": [
     "content"
    ],
    "summary": "What a path below a CID leads to",
    "parameters": [
     {
      "name": "cid",
      "in": "path",
      "required": true,
      "description": "A CID",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "path",
      "in": "path",
      "required": true,
      "description": "Entries of directories, keys and indices of values; may hold slashes",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "format",
      "in": "query",
      "description": "Counts before `Accept`",
      "schema": {
       "enum": [
        "raw",
        "car",
        "dag-json",
        "dag-cbor",
        "json",
        "cbor"
       ]
      }
     },
     {
      "name": "dag-scope",
      "in": "query",
      "description": "Of a CAR",
      "schema": {
       "enum": [
        "block",
        "entity",
        "all"
       ],
       "default": "all"
      }
     },
     {
      "name": "entity-bytes",
      "in": "query",
      "description": "Of a CAR of a file: `from:to`, both included; `*`: the end",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "filename",
      "in": "query",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "Range",
      "in": "header",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "If-None-Match",
      "in": "header",
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "The content",
      "content": {
       "*/*": {},
       "application/vnd.ipld.raw": {},
       "application/vnd.ipld.car": {},
       "application/vnd.ipld.dag-json": {},
       "application/vnd.ipld.dag-cbor": {}
      }
     },
     "206": {
      "description": "A range of it",
      "content": {
       "*/*": {}
      }
     },
     "304": {
      "description": "The client has it already"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "406": {
      "$ref": "#/components/responses/Failure"
     },
     "412": {
      "$ref": "#/components/responses/Failure"
     },
     "416": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/healthz": {
   "get": {
    "operationId": "health",
    "tags": [
     "node"
    ],
    "summary": "Whether the node can take and keep work",
    "responses": {
     "200": {
      "description": "It can",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Health"
        }
       }
      }
     },
     "503": {
      "description": "It cannot; `problem` says why",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Health"
        }
       }
      }
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     }
    }
   }
  },
  "/-/node": {
   "get": {
    "operationId": "node",
    "tags": [
     "node"
    ],
    "summary": "Who the node is: its peer id, its process",
    "responses": {
     "200": {
      "description": "The node",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     }
    }
   }
  },
  "/-/stop": {
   "post": {
    "operationId": "stop",
    "tags": [
     "node"
    ],
    "summary": "Stop the node; its user over the home's socket, or whoever reaches the RPC port of `every start`",
    "responses": {
     "202": {
      "description": "It is stopping",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "501": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     }
    }
   }
  },
  "/-/imports/homestar": {
   "post": {
    "operationId": "import a database of the original",
    "tags": [
     "node"
    ],
    "summary": "Bring receipts and workflows over from a database of the original; the owner's socket only",
    "parameters": [
     {
      "name": "file",
      "in": "query",
      "required": true,
      "description": "Absolute path of the database on the node's machine",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "trust",
      "in": "query",
      "description": "Use its receipts instead of running their tasks",
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "What came over",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     }
    }
   }
  },
  "/-/functions": {
   "get": {
    "operationId": "describe functions",
    "tags": [
     "node"
    ],
    "summary": "Functions with types, schemas and docs; components with CID, imports and WIT",
    "responses": {
     "200": {
      "description": "What is served",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Functions"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/schema": {
   "get": {
    "operationId": "run schema",
    "tags": [
     "node"
    ],
    "summary": "The JSON Schema 2020-12 of a body of /run",
    "responses": {
     "200": {
      "description": "The schema",
      "content": {
       "application/schema+json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/openapi.json": {
   "get": {
    "operationId": "openapi",
    "tags": [
     "node"
    ],
    "summary": "This document",
    "responses": {
     "200": {
      "description": "The document",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "required": [
          "openapi",
          "info",
          "paths"
         ]
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/receipts/{cid}": {
   "get": {
    "operationId": "receipt",
    "tags": [
     "runs"
    ],
    "summary": "A receipt, of a failure too, as JSON or as the block that hashes to its CID",
    "parameters": [
     {
      "name": "cid",
      "in": "path",
      "required": true,
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "The receipt",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       },
       "application/vnd.ipld.dag-cbor": {}
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/receipts/{cid}/origin": {
   "get": {
    "operationId": "receiptOrigin",
    "tags": [
     "runs"
    ],
    "summary": "Where a receipt comes from, who attests it, and whether it may be used",
    "parameters": [
     {
      "name": "cid",
      "in": "path",
      "required": true,
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "Its origin",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/car/export": {
   "post": {
    "operationId": "exportCar",
    "tags": [
     "node"
    ],
    "summary": "Write receipts, runs or content to a CAR file of this machine; for the node's own user",
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "what": {
          "type": "array",
          "items": {
           "type": "string"
          }
         },
         "file": {
          "type": "string"
         },
         "partial": {
          "type": "boolean"
         }
        },
        "required": [
         "what",
         "file"
        ],
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The report",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/car/import": {
   "post": {
    "operationId": "importCar",
    "tags": [
     "node"
    ],
    "summary": "Take in a CAR file of this machine; for the node's own user",
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "file": {
          "type": "string"
         },
         "trust": {
          "type": "boolean"
         }
        },
        "required": [
         "file"
        ],
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The report",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/verify": {
   "post": {
    "operationId": "verify",
    "tags": [
     "node"
    ],
    "summary": "Execute results again and compare; for the node's own user",
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "what": {
          "type": "array",
          "items": {
           "type": "string"
          }
         },
         "share": {
          "type": "number",
          "exclusiveMinimum": 0,
          "maximum": 1
         },
         "engine": {
          "type": "string"
         },
         "profile": {
          "type": "integer",
          "minimum": 0
         },
         "after": {
          "type": "integer",
          "minimum": 0
         },
         "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4096
         }
        },
        "required": [],
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The report",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/forget": {
   "post": {
    "operationId": "forget",
    "tags": [
     "node"
    ],
    "summary": "Never use results again; for the node's own user",
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "cid": {
          "type": "string"
         },
         "dependants": {
          "type": "boolean"
         }
        },
        "required": [
         "cid"
        ],
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The report",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/quarantine": {
   "get": {
    "operationId": "quarantine",
    "tags": [
     "node"
    ],
    "summary": "Components that gave two results for one instruction; for the node's own user",
    "responses": {
     "200": {
      "description": "The components",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/quarantine/{cid}/release": {
   "post": {
    "operationId": "release",
    "tags": [
     "node"
    ],
    "summary": "Let a component run again; for the node's own user",
    "parameters": [
     {
      "name": "cid",
      "in": "path",
      "required": true,
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "What was released",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/runs": {
   "get": {
    "operationId": "list runs",
    "tags": [
     "runs"
    ],
    "summary": "Runs, newest first",
    "parameters": [
     {
      "name": "limit",
      "in": "query",
      "schema": {
       "type": "integer",
       "minimum": 1,
       "maximum": 1000,
       "default": 50
      }
     },
     {
      "name": "before",
      "in": "query",
      "description": "`next` of the page before",
      "schema": {
       "type": "string"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "A page",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Runs"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   },
   "post": {
    "operationId": "submit run",
    "tags": [
     "runs"
    ],
    "summary": "Takes a workflow and answers before it ran, once it is on disk",
    "parameters": [
     {
      "$ref": "#/components/parameters/fresh"
     },
     {
      "$ref": "#/components/parameters/runName"
     },
     {
      "name": "Idempotency-Key",
      "in": "header",
      "description": "The same key with the same request is the same run",
      "schema": {
       "type": "string",
       "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"
      }
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/RunRequest"
         },
         {
          "type": "object",
          "description": "The full form: tasks with `op`, `rsc`, `nnc`; or {name, workflow}",
          "required": [
           "workflow"
          ],
          "properties": {
           "name": {
            "type": "string"
           },
           "workflow": {
            "$ref": "#/components/schemas/Workflow"
           }
          }
         },
         {
          "$ref": "#/components/schemas/Workflow"
         }
        ]
       }
      }
     }
    },
    "responses": {
     "202": {
      "description": "Accepted; `Location` is its address",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Run"
        }
       }
      },
      "headers": {
       "Location": {
        "schema": {
         "type": "string"
        }
       },
       "Every-Run": {
        "$ref": "#/components/headers/Every-Run"
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "422": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/runs/{id}": {
   "get": {
    "operationId": "run by id",
    "tags": [
     "runs"
    ],
    "summary": "A run, over or under way",
    "parameters": [
     {
      "$ref": "#/components/parameters/id"
     },
     {
      "name": "wait",
      "in": "query",
      "description": "How long to wait for its end: 30s, 500ms, 2m, at most 10m",
      "schema": {
       "type": "string",
       "pattern": "^[0-5]?(ms|s|m)$"
      },
      "example": "1s"
     }
    ],
    "responses": {
     "200": {
      "description": "The run as it stands",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Run"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/runs/{id}/events": {
   "get": {
    "operationId": "follow run",
    "tags": [
     "runs"
    ],
    "summary": "Server-sent events: `task` for each outcome, `log` for guests' lines, `end`",
    "parameters": [
     {
      "$ref": "#/components/parameters/id"
     },
     {
      "name": "Last-Event-ID",
      "in": "header",
      "schema": {
       "type": "string",
       "pattern": "^[!-~]*$"
      }
     }
    ],
    "responses": {
     "200": {
      "description": "Events, until the end",
      "content": {
       "text/event-stream": {}
      }
     },
     "204": {
      "description": "The last event was seen already"
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/runs/{id}/logs": {
   "get": {
    "operationId": "run logs",
    "tags": [
     "runs"
    ],
    "summary": "What guests wrote, of tasks that have ended",
    "parameters": [
     {
      "$ref": "#/components/parameters/id"
     },
     {
      "name": "limit",
      "in": "query",
      "schema": {
       "type": "integer",
       "minimum": 1,
       "maximum": 10000,
       "default": 1000
      }
     }
    ],
    "responses": {
     "200": {
      "description": "The last lines, in order",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Lines"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/runs/{id}/cancel": {
   "post": {
    "operationId": "cancel run",
    "tags": [
     "runs"
    ],
    "summary": "Ends a run soon",
    "parameters": [
     {
      "$ref": "#/components/parameters/id"
     }
    ],
    "responses": {
     "200": {
      "description": "It is cancelled",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Run"
        }
       }
      }
     },
     "202": {
      "description": "It will be",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/Run"
        }
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/workflows": {
   "post": {
    "operationId": "run document",
    "tags": [
     "workflows"
    ],
    "summary": "Runs a workflow in either form and answers with the whole run",
    "parameters": [
     {
      "$ref": "#/components/parameters/fresh"
     },
     {
      "$ref": "#/components/parameters/runName"
     },
     {
      "name": "answer",
      "in": "query",
      "description": "`body`: answer as /run does",
      "schema": {
       "enum": [
        "run",
        "body"
       ]
      }
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/RunRequest"
         },
         {
          "type": "object",
          "description": "The full form: tasks with `op`, `rsc`, `nnc`; or {name, workflow}",
          "required": [
           "workflow"
          ],
          "properties": {
           "name": {
            "type": "string"
           },
           "workflow": {
            "$ref": "#/components/schemas/Workflow"
           }
          }
         },
         {
          "$ref": "#/components/schemas/Workflow"
         }
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The output of the last task that was not skipped, by its type",
      "content": {
       "text/plain": {
        "schema": {
         "type": "string"
        }
       },
       "image/svg+xml": {
        "schema": {
         "type": "string"
        }
       },
       "application/json": {
        "schema": {}
       },
       "application/octet-stream": {},
       "application/pdf": {},
       "application/wasm": {},
       "image/gif": {},
       "image/jpeg": {},
       "image/png": {},
       "image/webp": {}
      },
      "headers": {
       "Every-Run": {
        "$ref": "#/components/headers/Every-Run"
       },
       "Every-Receipt": {
        "$ref": "#/components/headers/Every-Receipt"
       },
       "Every-Replayed": {
        "$ref": "#/components/headers/Every-Replayed"
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "422": {
      "$ref": "#/components/responses/Failure"
     },
     "501": {
      "$ref": "#/components/responses/Failure"
     },
     "504": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  },
  "/-/call/{name}": {
   "post": {
    "operationId": "call by position",
    "tags": [
     "workflows"
    ],
    "summary": "Calls a function with texts, in order or `name=value`, as a command line has them",
    "parameters": [
     {
      "$ref": "#/components/parameters/name"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "array",
        "items": {
         "type": "string"
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The output of the last task that was not skipped, by its type",
      "content": {
       "text/plain": {
        "schema": {
         "type": "string"
        }
       },
       "image/svg+xml": {
        "schema": {
         "type": "string"
        }
       },
       "application/json": {
        "schema": {}
       },
       "application/octet-stream": {},
       "application/pdf": {},
       "application/wasm": {},
       "image/gif": {},
       "image/jpeg": {},
       "image/png": {},
       "image/webp": {}
      },
      "headers": {
       "Every-Run": {
        "$ref": "#/components/headers/Every-Run"
       },
       "Every-Receipt": {
        "$ref": "#/components/headers/Every-Receipt"
       },
       "Every-Replayed": {
        "$ref": "#/components/headers/Every-Replayed"
       }
      }
     },
     "400": {
      "$ref": "#/components/responses/Invalid"
     },
     "404": {
      "$ref": "#/components/responses/Failure"
     },
     "409": {
      "$ref": "#/components/responses/Failure"
     },
     "422": {
      "$ref": "#/components/responses/Failure"
     },
     "501": {
      "$ref": "#/components/responses/Failure"
     },
     "504": {
      "$ref": "#/components/responses/Failure"
     },
     "403": {
      "$ref": "#/components/responses/Failure"
     },
     "500": {
      "$ref": "#/components/responses/Failure"
     },
     "503": {
      "$ref": "#/components/responses/Failure"
     }
    }
   }
  }
 },
 "components": {
  "schemas": {
   "Error": {
    "type": "object",
    "required": [
     "error"
    ],
    "properties": {
     "error": {
      "type": "string",
      "description": "What failed, where, why, and what to do"
     },
     "code": {
      "type": "string"
     },
     "task": {
      "type": "string"
     },
     "func": {
      "type": "string"
     },
     "cid": {
      "type": "string"
     },
     "details": {
      "type": "object"
     }
    },
    "additionalProperties": false
   },
   "Violations": {
    "type": "array",
    "minItems": 1,
    "items": {
     "type": "object",
     "required": [
      "instancePath",
      "schemaPath",
      "keyword",
      "params",
      "message"
     ],
     "properties": {
      "instancePath": {
       "type": "string"
      },
      "schemaPath": {
       "type": "string"
      },
      "keyword": {
       "type": "string"
      },
      "params": {
       "type": "object"
      },
      "message": {
       "type": "string"
      }
     },
     "additionalProperties": false
    }
   },
   "AllResults": {
    "type": "array",
    "description": "With ?allResults: one entry a task, in order",
    "items": {
     "type": "object",
     "required": [
      "out",
      "type",
      "headers",
      "replayed"
     ],
     "properties": {
      "out": {},
      "type": {
       "type": "string"
      },
      "headers": {
       "type": "object"
      },
      "replayed": {
       "type": "boolean"
      },
      "state": {
       "type": "string"
      },
      "error": {
       "type": "string"
      }
     },
     "additionalProperties": false
    }
   },
   "Workflow": {
    "type": "object",
    "required": [
     "tasks"
    ],
    "properties": {
     "tasks": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "run"
       ]
      }
     }
    }
   },
   "NamedWorkflow": {
    "type": "object",
    "required": [
     "name",
     "workflow"
    ],
    "properties": {
     "name": {
      "type": "string"
     },
     "workflow": {
      "$ref": "#/components/schemas/Workflow"
     }
    },
    "additionalProperties": false
   },
   "Task": {
    "type": "object",
    "required": [
     "task",
     "name",
     "func",
     "component",
     "instruction",
     "receipt",
     "state",
     "replayed",
     "output",
     "error"
    ],
    "properties": {
     "task": {
      "type": "integer"
     },
     "name": {
      "type": "string"
     },
     "func": {
      "type": "string"
     },
     "component": {
      "anyOf": [
       {
        "type": "string",
        "pattern": "^b[a-z2-7]+$"
       },
       {
        "type": "null"
       }
      ]
     },
     "instruction": {
      "type": "string",
      "pattern": "^b[a-z2-7]+$"
     },
     "receipt": {
      "anyOf": [
       {
        "type": "string",
        "pattern": "^b[a-z2-7]+$"
       },
       {
        "type": "null"
       }
      ]
     },
     "state": {
      "enum": [
       "pending",
       "ok",
       "failed",
       "skipped",
       "cancelled"
      ]
     },
     "replayed": {
      "type": "boolean"
     },
     "output": {},
     "error": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/Error"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "additionalProperties": false
   },
   "Run": {
    "type": "object",
    "required": [
     "id",
     "name",
     "workflow",
     "state",
     "answer",
     "error",
     "accepted",
     "finished",
     "tasks"
    ],
    "properties": {
     "id": {
      "type": "string"
     },
     "name": {
      "type": "string"
     },
     "workflow": {
      "type": "string",
      "pattern": "^b[a-z2-7]+$"
     },
     "state": {
      "enum": [
       "running",
       "completed",
       "failed",
       "cancelled",
       "quarantined"
      ]
     },
     "answer": {
      "type": [
       "integer",
       "null"
      ]
     },
     "error": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/Error"
       },
       {
        "type": "null"
       }
      ]
     },
     "accepted": {
      "anyOf": [
       {
        "type": "string",
        "format": "date-time"
       },
       {
        "type": "null"
       }
      ]
     },
     "finished": {
      "anyOf": [
       {
        "type": "string",
        "format": "date-time"
       },
       {
        "type": "null"
       }
      ]
     },
     "tasks": {
      "type": "array",
      "items": {
       "$ref": "#/components/schemas/Task"
      }
     }
    },
    "additionalProperties": false
   },
   "Runs": {
    "type": "object",
    "required": [
     "runs",
     "next"
    ],
    "properties": {
     "runs": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "id",
        "name",
        "workflow",
        "state",
        "tasks",
        "error",
        "accepted",
        "finished"
       ],
       "properties": {
        "id": {
         "type": "string"
        },
        "name": {
         "type": "string"
        },
        "workflow": {
         "type": "string",
         "pattern": "^b[a-z2-7]+$"
        },
        "state": {
         "enum": [
          "running",
          "completed",
          "failed",
          "cancelled",
          "quarantined"
         ]
        },
        "tasks": {
         "type": "integer"
        },
        "error": {
         "anyOf": [
          {
           "$ref": "#/components/schemas/Error"
          },
          {
           "type": "null"
          }
         ]
        },
        "accepted": {
         "anyOf": [
          {
           "type": "string",
           "format": "date-time"
          },
          {
           "type": "null"
          }
         ]
        },
        "finished": {
         "anyOf": [
          {
           "type": "string",
           "format": "date-time"
          },
          {
           "type": "null"
          }
         ]
        }
       },
       "additionalProperties": false
      }
     },
     "next": {
      "type": [
       "string",
       "null"
      ]
     }
    },
    "additionalProperties": false
   },
   "Lines": {
    "type": "object",
    "required": [
     "lines"
    ],
    "properties": {
     "lines": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "task",
        "time",
        "level",
        "category",
        "message"
       ],
       "properties": {
        "task": {
         "type": "integer"
        },
        "time": {
         "anyOf": [
          {
           "type": "string",
           "format": "date-time"
          },
          {
           "type": "null"
          }
         ]
        },
        "level": {
         "type": "string"
        },
        "category": {
         "type": "string"
        },
        "message": {
         "type": "string"
        }
       },
       "additionalProperties": false
      }
     }
    },
    "additionalProperties": false
   },
   "Health": {
    "type": "object",
    "required": [
     "healthy",
     "active_runs"
    ],
    "properties": {
     "healthy": {
      "type": "boolean"
     },
     "active_runs": {
      "type": "integer"
     },
     "problem": {
      "type": "string"
     }
    },
    "additionalProperties": false
   },
   "Functions": {
    "type": "object",
    "required": [
     "functions",
     "components",
     "problems"
    ],
    "properties": {
     "functions": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "name",
        "path",
        "interface",
        "label",
        "component",
        "signature",
        "docs",
        "parameters",
        "result",
        "schema"
       ],
       "properties": {
        "name": {
         "type": "string"
        },
        "path": {
         "type": "string"
        },
        "interface": {
         "type": [
          "string",
          "null"
         ]
        },
        "label": {
         "type": "string"
        },
        "component": {
         "type": "string",
         "pattern": "^b[a-z2-7]+$"
        },
        "signature": {
         "type": "string"
        },
        "docs": {
         "type": [
          "string",
          "null"
         ]
        },
        "parameters": {
         "type": "array",
         "items": {
          "type": "object",
          "required": [
           "name",
           "wit",
           "type",
           "required",
           "schema"
          ],
          "properties": {
           "name": {
            "type": "string"
           },
           "wit": {
            "type": "string"
           },
           "type": {
            "type": "string"
           },
           "required": {
            "type": "boolean"
           },
           "schema": {}
          },
          "additionalProperties": false
         }
        },
        "result": {
         "anyOf": [
          {
           "type": "object",
           "required": [
            "type",
            "schema"
           ],
           "properties": {
            "type": {
             "type": "string"
            },
            "schema": {}
           },
           "additionalProperties": false
          },
          {
           "type": "null"
          }
         ]
        },
        "schema": {
         "type": "object"
        }
       },
       "additionalProperties": false
      }
     },
     "components": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "label",
        "cid",
        "origin",
        "size",
        "language",
        "pure",
        "imports",
        "functions",
        "wit"
       ],
       "properties": {
        "label": {
         "type": "string"
        },
        "cid": {
         "type": "string",
         "pattern": "^b[a-z2-7]+$"
        },
        "origin": {
         "type": "string"
        },
        "size": {
         "type": "integer"
        },
        "language": {
         "type": [
          "string",
          "null"
         ]
        },
        "pure": {
         "type": "boolean"
        },
        "imports": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "functions": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "wit": {
         "type": "string"
        }
       },
       "additionalProperties": false
      }
     },
     "problems": {
      "type": "array",
      "items": {
       "type": "object",
       "required": [
        "label",
        "origin",
        "message"
       ],
       "properties": {
        "label": {
         "type": "string"
        },
        "origin": {
         "type": "string"
        },
        "message": {
         "type": "string"
        }
       },
       "additionalProperties": false
      }
     }
    },
    "additionalProperties": false
   }
  },
  "parameters": {
   "allResults": {
    "name": "allResults",
    "in": "query",
    "description": "Answer with the results of all tasks",
    "schema": {
     "type": "boolean"
    }
   },
   "fresh": {
    "name": "fresh",
    "in": "query",
    "description": "Run every task, whatever is known",
    "schema": {
     "type": "boolean"
    }
   },
   "raw": {
    "name": "raw",
    "in": "query",
    "description": "Answer a `result` as its pair [ok, err]",
    "schema": {
     "type": "boolean"
    }
   },
   "name": {
    "name": "name",
    "in": "path",
    "required": true,
    "description": "Any spelling of a function: `add`, `iface.name`, `label::name`",
    "schema": {
     "type": "string",
     "minLength": 1
    }
   },
   "id": {
    "name": "id",
    "in": "path",
    "required": true,
    "schema": {
     "type": "string",
     "minLength": 1
    }
   },
   "runName": {
    "name": "name",
    "in": "query",
    "description": "What the run is called",
    "schema": {
     "type": "string"
    }
   }
  },
  "headers": {
   "Every-Run": {
    "description": "The run's id",
    "schema": {
     "type": "string"
    }
   },
   "Every-Receipt": {
    "description": "CID of the receipt of what is answered",
    "schema": {
     "type": "string"
    }
   },
   "Every-Replayed": {
    "description": "Whether it was known already",
    "schema": {
     "enum": [
      "true",
      "false"
     ]
    }
   }
  },
  "responses": {
   "Invalid": {
    "description": "The request does not validate (a list), makes no sense (an error), or is not JSON (text). `Every-Error` says why in one line",
    "content": {
     "application/json": {
      "schema": {
       "anyOf": [
        {
         "$ref": "#/components/schemas/Violations"
        },
        {
         "$ref": "#/components/schemas/Error"
        }
       ]
      }
     },
     "text/plain": {
      "schema": {
       "type": "string"
      }
     }
    }
   },
   "Failure": {
    "description": "What failed, where, why, and what to do",
    "content": {
     "application/json": {
      "schema": {
       "$ref": "#/components/schemas/Error"
      }
     },
     "text/plain": {
      "schema": {
       "type": "string"
      }
     }
    }
   }
  }
 }
}
)json";

}  // namespace every::gateway
