-- What the command line asks of the library: its arguments, import, help.
local date = require("moonsift.ffi.moment").date
local errors = require "moonsift.errors"
local json = require "moonsift.json"
local sandbox = require "moonsift.sandbox"
local session = require "moonsift.ffi.session"

local M = {}

local given = { rest = {} }

--- Takes over what stood on the command line.
function M.configure(settings)
  given = settings
  if given.zone then session.zone(given.zone) end
  if given.as_of then given.as_of = date(given.as_of) end
  sandbox.environment.arg = given.rest
  if given.line then sandbox.environment.ms = require "moonsift" end -- as at the prompt
  if given.script then sandbox.folder = given.script:match "^(.*)/[^/]*$" or "." end
end

--- What the command line said: db, as_of (a date), dry_run, json, and rest, the script's own arguments. What was not
-- given is nil.
function M.arguments()
  return {
    db = given.db, as_of = given.as_of, dry_run = given.dry_run, json = given.json, rest = given.rest,
  }
end

--- moonsift import FILE --db DB --table NAME
function M.import(file)
  if not given.db then
    errors.raise { code = "E-ARGUMENT", verb = "import", message = "import: --db DATABASE is missing" }
  end
  local name = given.table or file:match "([^/]+)%.[%w.]+$" or file
  local report = require("moonsift.database").import(file, { db = given.db, table = name })
  if given.json then
    local rejected = report.rejected and report.rejected:nrow() or 0
    print(json.encode { table = report.table, rows = report.rows, columns = report.columns, rejected = rejected })
  else
    print(report)
  end
end

--- moonsift test FILE…
function M.test(...)
  return require("moonsift.test").run { ... }
end

--- moonsift help [NAME]; the exit status.
function M.help(name)
  local help = require "moonsift.help"
  if given.json then
    print(json.encode(help.described()))
    return 0
  end
  local text, found = help.text(name)
  local to = found and io.stdout or io.stderr
  to:write(text)
  return found and 0 or 1
end

return M
