-- Has wrk send one and the same association, or one and the same batch.
--
-- Started as `wrk -s wrk_links.lua BASE-URL -- ROWS-PER-CALL`. Reads no file and
-- forms each request once: what sending and receiving alone cost.

local LINK = '{"fromObjectId":10000000001,"toObjectId":20000000001,'
    .. '"category":"HUBSPOT_DEFINED","definitionId":1}'

function init(args)
  local per_call = tonumber(args[1])
  wrk.method = "PUT"
  wrk.path = "/crm-associations/v1/associations"
  wrk.body = LINK
  if per_call > 1 then
    wrk.path = wrk.path .. "/create-batch"
    wrk.body = "[" .. LINK .. string.rep("," .. LINK, per_call - 1) .. "]"
  end
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("HUBSPOT_ACCESS_TOKEN")
  wrk.headers["Content-Type"] = "application/json"
end
