-- Where the limits of size are passed with a reason: "path" or "path:function" → why.
return {
  ["core/kernels/relational/compute.c:ms_compute_rows"] = "as in its header",
  ["core/kernels/relational/compute.h:ms_compute_rows"] = "as ms_compute, and the count of the rows found",
  ["core/io/sqlite_open.c:authorize"] = "the signature is SQLite's",
}
