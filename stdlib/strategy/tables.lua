-- What there is in the customer database, asked by those who keep something there.
local M = {}

--- Whether there is a table or view of that name.
function M.has(database, name)
  return database:query("select count(*) n from sqlite_schema where name = @name", { name = name }):row(1).n > 0
end

--- The type of a column of a table; `otherwise` where the table or the column is not there.
function M.type_of(database, name, column, otherwise)
  if not M.has(database, name) then return otherwise end
  local columns = database:schema(name)
  local names, types = columns:column "column", columns:column "type"
  for i = 1, #names do
    if names[i] == column then return types[i] end
  end
  return otherwise
end

return M
