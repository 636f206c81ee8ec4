-- A Wireshark dissector for PAP/2, the Port Allocation Protocol between the hosts of a site and
-- their router. Section numbers are those of docs/pap.md.
--
-- Copy it to a plugin folder of Wireshark's (Help, About Wireshark, Folders), or:
--     tshark -X lua_script:pap2.lua -r FILE
--
-- Every length is checked before what it covers is read; what is wrong becomes an expert info.

local pap2 = Proto("pap2", "Port Allocation Protocol, version 2")

local HEADER, OPTION_HEADER, LONGEST = 16, 4, 1400
local ANNOUNCE, WITHDRAW_NOTICE = 9, 10
local FIRST_SKIPPABLE, AUTHENTICATION = 128, 255

-- Section 5.
local messages = {
  [1] = "port-request", [2] = "port-invalidate", [3] = "security-request",
  [4] = "security-invalidate", [5] = "address-validate", [6] = "address-invalidate",
  [7] = "synchronize", [8] = "hello", [9] = "announce", [10] = "withdraw-notice",
}
local types = {}
for number, name in pairs(messages) do
  types[number] = name
  if number ~= ANNOUNCE then types[number + 128] = name .. " response" end
end

-- Section 6.
local codes = {
  [0] = "success", "unsupported-version", "not-authenticated", "malformed", "unsupported-type",
  "unsupported-option", "no-resources", "quota-exceeded", "not-yours", "prohibited", "no-session",
  "in-use", "unacceptable-address", "rate-limited", "replayed",
}
local may_be_untagged = { [1] = true, [2] = true, [3] = true, [10] = true, [13] = true }
local protocols = { [0] = "any", [50] = "ESP", [51] = "AH" }

-- Fields -----------------------------------------------------------------------------------

local f = {
  version = ProtoField.uint8("pap2.version", "Version"),
  type = ProtoField.uint8("pap2.type", "Type", base.HEX, types),
  response = ProtoField.bool("pap2.response", "Response", 8, nil, 0x80),
  message = ProtoField.uint8("pap2.message", "Message", base.DEC, messages, 0x7f),
  code = ProtoField.uint8("pap2.code", "Code", base.DEC, codes),
  flags = ProtoField.uint8("pap2.flags", "Flags", base.HEX),
  length = ProtoField.uint16("pap2.length", "Length"),
  reserved = ProtoField.uint16("pap2.reserved", "Reserved", base.HEX),
  transaction = ProtoField.uint32("pap2.transaction", "Transaction id", base.HEX),
  epoch = ProtoField.uint32("pap2.epoch", "Epoch", base.HEX),
  option = ProtoField.none("pap2.option", "Option"),
  option_kind = ProtoField.uint8("pap2.option.kind", "Kind"),
  option_reserved = ProtoField.uint8("pap2.option.reserved", "Reserved", base.HEX),
  option_length = ProtoField.uint16("pap2.option.length", "Length"),
  option_value = ProtoField.bytes("pap2.option.value", "Value"),
  option_padding = ProtoField.bytes("pap2.option.padding", "Padding"),
  lifetime = ProtoField.uint32("pap2.lifetime", "Lifetime (seconds)"),
  ports_first = ProtoField.uint16("pap2.ports.first", "First port"),
  ports_count = ProtoField.uint16("pap2.ports.count", "Ports"),
  spis_first = ProtoField.uint32("pap2.spis.first", "First SPI", base.HEX),
  spis_count = ProtoField.uint32("pap2.spis.count", "SPIs"),
  entry_address = ProtoField.ipv4("pap2.entry.address", "External address"),
  entry_protocol = ProtoField.uint8("pap2.entry.protocol", "Protocol", base.DEC, protocols),
  entry_reserved = ProtoField.uint24("pap2.entry.reserved", "Reserved", base.HEX),
  entry_spi_in = ProtoField.uint32("pap2.entry.spi_in", "Inbound SPI", base.HEX),
  entry_spi_out = ProtoField.uint32("pap2.entry.spi_out", "Outbound SPI", base.HEX),
  external_address = ProtoField.ipv4("pap2.external_address", "Shared external address"),
  tunnel_address = ProtoField.ipv4("pap2.tunnel.address", "Tunnel endpoint"),
  tunnel_type = ProtoField.uint8("pap2.tunnel.type", "Tunnel type", base.DEC, { [4] = "IP in IP" }),
  tunnel_reserved = ProtoField.uint8("pap2.tunnel.reserved", "Reserved", base.HEX),
  tunnel_mtu = ProtoField.uint16("pap2.tunnel.mtu", "Tunnel MTU"),
  ike_label = ProtoField.uint64("pap2.ike_label.label", "IKE label", base.HEX),
  ike_mask = ProtoField.uint64("pap2.ike_label.mask", "IKE label mask", base.HEX),
  prefer_failure = ProtoField.none("pap2.prefer_failure", "Refuse rather than grant less"),
  part_index = ProtoField.uint16("pap2.part.index", "Part"),
  part_total = ProtoField.uint16("pap2.part.total", "Parts in all"),
  session_id = ProtoField.uint32("pap2.session.id", "Session id", base.HEX),
  session_nonce = ProtoField.bytes("pap2.session.nonce", "Nonce"),
  host_name = ProtoField.string("pap2.host_name", "Host name"),
  reason = ProtoField.string("pap2.reason", "Reason"),
  entry_result = ProtoField.uint8("pap2.entry_result", "Entry result", base.DEC, codes),
  auth_key_id = ProtoField.uint32("pap2.auth.key_id", "Key id"),
  auth_session = ProtoField.uint32("pap2.auth.session_id", "Session id", base.HEX),
  auth_sequence = ProtoField.uint32("pap2.auth.sequence", "Sequence"),
  auth_tag = ProtoField.bytes("pap2.auth.tag", "Tag"),
  response_in = ProtoField.framenum("pap2.response_in", "Response in", base.NONE,
    frametype.RESPONSE),
  response_to = ProtoField.framenum("pap2.response_to", "Response to", base.NONE,
    frametype.REQUEST),
  repeat_of = ProtoField.framenum("pap2.repeat_of", "Repeat of", base.NONE),
  time = ProtoField.relative_time("pap2.time", "Time since the request"),
}
pap2.fields = f

local function note_of(name, text, severity)
  return ProtoExpert.new("pap2." .. name, text,
    expert.group[severity[1]], expert.severity[severity[2]])
end

local ERROR, WARN = { "MALFORMED", "ERROR" }, { "PROTOCOL", "WARN" }
local NOTE, SEQUENCE = { "PROTOCOL", "NOTE" }, { "SEQUENCE", "NOTE" }
local e = {
  short = note_of("short", "Shorter than a header", ERROR),
  length = note_of("bad_length", "The length is not that of the datagram", ERROR),
  size = note_of("bad_size", "A message has at most 1400 octets, and a multiple of 4", ERROR),
  version = note_of("bad_version", "Another version", ERROR),
  type = note_of("unknown_type", "Unknown type", ERROR),
  value = note_of("bad_value", "A value that cannot be", ERROR),
  overrun = note_of("option.overrun", "The option reaches beyond the message", ERROR),
  option_length = note_of("option.bad_length", "A length that this option cannot have", ERROR),
  repeated = note_of("option.repeated", "The option comes too often", ERROR),
  order = note_of("option.after_authentication", "Something follows the authentication", ERROR),
  unknown = note_of("option.unknown", "Unknown option that must be understood", WARN),
  skipped = note_of("option.skipped", "Unknown option that may be skipped", NOTE),
  misplaced = note_of("option.misplaced", "The option means nothing in this message", WARN),
  untagged = note_of("untagged", "Not authenticated", NOTE),
  must_be_tagged = note_of("must_be_tagged", "A response of this code must be tagged", WARN),
  refused = note_of("refused", "Refused", { "RESPONSE_CODE", "NOTE" }),
  mismatch = note_of("mismatch", "The response does not fit its request", WARN),
  no_request = note_of("no_request", "The request was not captured", SEQUENCE),
  again = note_of("repeated", "Sent again", SEQUENCE),
  cut = note_of("cut", "The capture does not have all of the message", { "UNDECODED", "WARN" }),
}
do
  local all = {}
  for _, one in pairs(e) do all[#all + 1] = one end
  pap2.experts = all
end

pap2.prefs.port = Pref.uint("UDP port", 7028, "The port that the router listens on")

-- Text: UTF-8 without control characters (section 4) ---------------------------------------------

-- The first octet's range, how many follow, and the least and most that the second may be.
local utf8_forms = {
  { 0x00, 0x7f, 0 }, { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
  { 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
  { 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
}

local function form_of(octet)
  for _, form in ipairs(utf8_forms) do
    if octet >= form[1] and octet <= form[2] then return form end
  end
end

local function is_clean(text)
  local place = 1
  while place <= #text do
    local first = text:byte(place)
    local form = form_of(first)
    if not form or place + form[3] > #text then return false end
    if first < 0x20 or first == 0x7f then return false end
    for follower = 1, form[3] do
      local octet = text:byte(place + follower)
      local least, most = 0x80, 0xbf
      if follower == 1 then least, most = form[4], form[5] end
      if octet < least or octet > most then return false end
    end
    if first == 0xc2 and text:byte(place + 1) < 0xa0 then return false end
    place = place + form[3] + 1
  end
  return true
end

-- Options (section 4) ------------------------------------------------------------------------

local function wrong(tree, text) tree:add_proto_expert_info(e.value, text) end

local function hex(number) return string.format("0x%08x", number) end

local function text_into(field)
  return function(tree, value)
    if value:len() == 0 then
      tree:add(field, value, "")
    elseif is_clean(value:raw()) then
      tree:add_packet_field(field, value, ENC_UTF_8)
      return value:string(ENC_UTF_8)
    else
      tree:add(field, value, "(not clean UTF-8)")
      wrong(tree, "Text is UTF-8 without control characters")
    end
  end
end

local function entry_into(tree, value)
  tree:add(f.entry_address, value(0, 4))
  tree:add(f.entry_protocol, value(4, 1))
  tree:add(f.entry_reserved, value(5, 3))
  tree:add(f.entry_spi_in, value(8, 4))
  tree:add(f.entry_spi_out, value(12, 4))
  local protocol = protocols[value(4, 1):uint()]
  if not protocol then wrong(tree, "The protocol is 50 (ESP), 51 (AH) or 0 (both)") end
  if value(5, 3):uint() ~= 0 then wrong(tree, "Reserved octets of an entry must be 0") end
  local spi = value(8, 4):uint()
  return tostring(value(0, 4):ipv4()) .. " " .. (protocol or "?") .. " "
    .. (spi == 0 and "any SPI" or hex(spi))
end

-- For each kind: its name, the least and most octets of its value, and what reads a value of such a
-- length; that returns what is worth showing on the option's line.
local options = {
  [1] = { "lifetime", 4, 4, function(tree, value)
    tree:add(f.lifetime, value)
    return value:uint() .. " s"
  end },
  [2] = { "ports", 4, 4, function(tree, value)
    tree:add(f.ports_first, value(0, 2))
    tree:add(f.ports_count, value(2, 2))
    return value(0, 2):uint() .. ", " .. value(2, 2):uint() .. " of them"
  end },
  [3] = { "SPIs", 8, 8, function(tree, value)
    tree:add(f.spis_first, value(0, 4))
    tree:add(f.spis_count, value(4, 4))
    return hex(value(0, 4):uint()) .. ", " .. value(4, 4):uint() .. " of them"
  end },
  [4] = { "valid external address", 16, 16, entry_into },
  [5] = { "invalid external address", 16, 16, entry_into },
  [6] = { "external address", 4, 4, function(tree, value)
    tree:add(f.external_address, value)
    return tostring(value:ipv4())
  end },
  [7] = { "tunnel endpoint", 8, 8, function(tree, value)
    tree:add(f.tunnel_address, value(0, 4))
    tree:add(f.tunnel_type, value(4, 1))
    tree:add(f.tunnel_reserved, value(5, 1))
    tree:add(f.tunnel_mtu, value(6, 2))
    if value(4, 1):uint() ~= 4 then wrong(tree, "The only tunnel type is 4, IP in IP") end
    return tostring(value(0, 4):ipv4()) .. ", MTU " .. value(6, 2):uint()
  end },
  [8] = { "IKE label", 16, 16, function(tree, value)
    tree:add(f.ike_label, value(0, 8))
    tree:add(f.ike_mask, value(8, 8))
    return "0x" .. value(0, 8):uint64():tohex()
  end },
  [10] = { "prefer failure", 0, 0, function(tree, value) tree:add(f.prefer_failure, value) end },
  [11] = { "part", 4, 4, function(tree, value)
    tree:add(f.part_index, value(0, 2))
    tree:add(f.part_total, value(2, 2))
    local index, total = value(0, 2):uint(), value(2, 2):uint()
    if index >= total then wrong(tree, "Parts are numbered from 0 to one less than their total") end
    return index .. " of " .. total
  end },
  [12] = { "session", 20, 20, function(tree, value)
    tree:add(f.session_id, value(0, 4))
    tree:add(f.session_nonce, value(4, 16))
    return hex(value(0, 4):uint())
  end },
  [128] = { "host name", 1, 63, text_into(f.host_name) },
  [129] = { "reason", 0, 127, text_into(f.reason) },
  [130] = { "entry results", 0, 96, function(tree, value)
    for place = 0, value:len() - 1 do
      tree:add(f.entry_result, value(place, 1))
      if not codes[value(place, 1):uint()] then wrong(tree, "An unknown code") end
    end
    return value:len() .. " of them"
  end },
  [AUTHENTICATION] = { "authentication", 28, 28, function(tree, value)
    tree:add(f.auth_key_id, value(0, 4))
    tree:add(f.auth_session, value(4, 4))
    tree:add(f.auth_sequence, value(8, 4))
    tree:add(f.auth_tag, value(12, 16))
    return "key " .. value(0, 4):uint() .. ", sequence " .. value(8, 4):uint()
  end },
}
local MOST_ENTRIES = 48

local function most_of(kind)
  return (kind == 4 or kind == 5) and MOST_ENTRIES or 1
end

-- The options below 128, but for the lifetime, that mean something in each type (section 5).
local function set(...)
  local members = {}
  for _, member in ipairs({ ... }) do members[member] = true end
  return members
end
local fitting = {
  [1] = set(2, 10), [2] = set(2), [3] = set(3, 10), [4] = set(3), [5] = set(4), [6] = set(5),
  [7] = set(4, 11), [8] = set(12), [9] = set(), [10] = set(2, 3, 5),
  [129] = set(2, 6), [130] = set(), [131] = set(3, 8), [132] = set(), [133] = set(), [134] = set(),
  [135] = set(11), [136] = set(2, 3, 6, 7, 8, 12), [138] = set(),
}

local function is_misplaced(kind, message)
  return kind > 1 and kind < FIRST_SKIPPABLE and fitting[message.type] ~= nil
    and not fitting[message.type][kind]
end

-- A whole option whose value lies within the message.
local function option_into(tree, range, kind, length, message)
  local known = options[kind]
  tree:set_text("Option " .. kind .. ": " .. (known and known[1] or "unknown"))
  tree:add(f.option_kind, range(0, 1)):append_text(known and " (" .. known[1] .. ")" or "")
  tree:add(f.option_reserved, range(1, 1))
  tree:add(f.option_length, range(2, 2))
  if range(1, 1):uint() ~= 0 then wrong(tree, "The reserved octet of an option must be 0") end
  local padded = range:len()
  if padded > OPTION_HEADER + length then
    local padding = range(OPTION_HEADER + length, padded - OPTION_HEADER - length)
    tree:add(f.option_padding, padding)
    if padding:raw():find("[^%z]") then wrong(tree, "Padding must be 0") end
  end
  message.counts[kind] = (message.counts[kind] or 0) + 1
  if not known then
    if length > 0 then tree:add(f.option_value, range(OPTION_HEADER, length)) end
    tree:add_proto_expert_info(kind < FIRST_SKIPPABLE and e.unknown or e.skipped)
    return
  end
  if message.counts[kind] > most_of(kind) then tree:add_proto_expert_info(e.repeated) end
  if is_misplaced(kind, message) then tree:add_proto_expert_info(e.misplaced) end
  if length < known[2] or length > known[3] then
    if length > 0 then tree:add(f.option_value, range(OPTION_HEADER, length)) end
    tree:add_proto_expert_info(e.option_length,
      length .. " octets; this option has " .. known[2]
      .. (known[3] > known[2] and " to " .. known[3] or ""))
    return
  end
  -- A range of no octets cannot be cut out of another.
  local value = length > 0 and range(OPTION_HEADER, length) or range(0, 0)
  local shown = known[4](tree, value)
  if shown then tree:append_text(": " .. shown) end
  if kind == 130 then message.results = length end
end

local function options_into(tree, tvb, message)
  local place, have = HEADER, tvb:len()
  while place < have do
    if message.counts[AUTHENTICATION] then
      tree:add_tvb_expert_info(e.order, tvb(place))
      return
    end
    if have - place < OPTION_HEADER then
      tree:add_tvb_expert_info(message.is_cut and e.cut or e.overrun, tvb(place))
      return
    end
    local kind, length = tvb(place, 1):uint(), tvb(place + 2, 2):uint()
    local padded = OPTION_HEADER + length + (-length) % 4
    if place + padded > have then
      local beyond = place + padded > tvb:reported_len()
      local subtree = tree:add(f.option, tvb(place))
      subtree:set_text("Option " .. kind)
      subtree:add(f.option_kind, tvb(place, 1))
      subtree:add(f.option_length, tvb(place + 2, 2))
      subtree:add_proto_expert_info(beyond and e.overrun or e.cut)
      return
    end
    local range = tvb(place, padded)
    option_into(tree:add(f.option, range), range, kind, length, message)
    place = place + padded
  end
end

-- Requests and responses ---------------------------------------------------------------------

-- What was asked, by who asked whom and the transaction id; and what each frame is in that.
local exchanges, frames = {}, {}

function pap2.init()
  exchanges, frames = {}, {}
end

local function key_of(pinfo, message)
  local source = tostring(pinfo.src) .. ":" .. pinfo.src_port
  local destination = tostring(pinfo.dst) .. ":" .. pinfo.dst_port
  local from, to = source, destination
  if message.is_response then from, to = destination, source end
  return from .. " " .. to .. " " .. message.transaction
end

local function note_request(pinfo, message, octets)
  local key = key_of(pinfo, message)
  local exchange = exchanges[key]
  if exchange and exchange.octets == octets then
    frames[pinfo.number] = { exchange = exchange, repeat_of = exchange.frame }
    return
  end
  exchange = {
    frame = pinfo.number, time = pinfo.abs_ts, type = message.type, octets = octets,
    entries = (message.counts[4] or 0) + (message.counts[5] or 0),
  }
  exchanges[key] = exchange
  frames[pinfo.number] = { exchange = exchange }
end

local function note_response(pinfo, message, octets)
  local exchange = exchanges[key_of(pinfo, message)]
  if not exchange then
    frames[pinfo.number] = {}
    return
  end
  local note = { exchange = exchange, time = pinfo.abs_ts - exchange.time }
  if exchange.response and exchange.response_octets == octets then
    note.repeat_of = exchange.response
  elseif not exchange.response then
    exchange.response, exchange.response_octets = pinfo.number, octets
  end
  frames[pinfo.number] = note
end

local function mismatch(message, exchange)
  if message.type ~= exchange.type + 128 then
    return "The request is " .. (types[exchange.type] or "of type " .. exchange.type)
  end
  if message.results and message.results ~= exchange.entries then
    return message.results .. " entry results for " .. exchange.entries .. " entries"
  end
end

local function seconds_to_time(seconds)
  local whole = math.floor(seconds)
  return NSTime.new(whole, math.floor((seconds - whole) * 1e9 + 0.5))
end

local function exchange_into(tree, pinfo, tvb, message)
  if message.type == ANNOUNCE then return end
  if not pinfo.visited or not frames[pinfo.number] then
    local note = message.is_response and note_response or note_request
    note(pinfo, message, tvb:raw())
  end
  local note = frames[pinfo.number]
  local exchange = note.exchange
  if message.is_response then
    if not exchange then
      tree:add_proto_expert_info(e.no_request)
      return
    end
    tree:add(f.response_to, exchange.frame):set_generated()
    tree:add(f.time, seconds_to_time(note.time)):set_generated()
    local problem = mismatch(message, exchange)
    if problem then tree:add_proto_expert_info(e.mismatch, problem) end
  elseif exchange.response then
    tree:add(f.response_in, exchange.response):set_generated()
  end
  if note.repeat_of then
    tree:add(f.repeat_of, note.repeat_of):set_generated()
    tree:add_proto_expert_info(e.again)
  end
end

-- The message (section 3) --------------------------------------------------------------------

local function header_into(tree, tvb)
  local number = tvb(1, 1):uint()
  local message = {
    version = tvb(0, 1):uint(), type = number, is_response = number >= 128,
    code = tvb(2, 1):uint(), transaction = tvb(8, 4):uint(), counts = {},
    is_cut = tvb:len() < tvb:reported_len(),
  }
  tree:add(f.version, tvb(0, 1))
  local kind = tree:add(f.type, tvb(1, 1))
  kind:add(f.response, tvb(1, 1))
  kind:add(f.message, tvb(1, 1))
  tree:add(f.code, tvb(2, 1))
  tree:add(f.flags, tvb(3, 1))
  tree:add(f.length, tvb(4, 2))
  tree:add(f.reserved, tvb(6, 2))
  tree:add(f.transaction, tvb(8, 4))
  tree:add(f.epoch, tvb(12, 4))
  return message
end

local function check_header(tree, tvb, message)
  local stated, actual = tvb(4, 2):uint(), tvb:reported_len()
  if stated ~= actual then
    tree:add_proto_expert_info(e.length, "The length says " .. stated .. ", not " .. actual)
  end
  if actual > LONGEST or actual % 4 ~= 0 then tree:add_proto_expert_info(e.size) end
  if not types[message.type] then tree:add_proto_expert_info(e.type) end
  if tvb(3, 1):uint() ~= 0 then wrong(tree, "Flags must be 0") end
  if not codes[message.code] then
    wrong(tree, "An unknown code")
  elseif message.code ~= 0 and not message.is_response then
    wrong(tree, "The code of what is no response must be 0")
  end
  if message.is_cut then tree:add_proto_expert_info(e.cut) end
end

local function check_authentication(tree, message)
  if message.counts[AUTHENTICATION] or message.is_cut or message.type == ANNOUNCE then return end
  if message.is_response and not may_be_untagged[message.code] then
    tree:add_proto_expert_info(e.must_be_tagged)
  else
    tree:add_proto_expert_info(e.untagged)
  end
end

local function code_name(message)
  return codes[message.code] or ("code " .. message.code)
end

local function info(message)
  local text = types[message.type] or ("type " .. message.type)
  if message.is_response then
    text = text .. ": " .. code_name(message)
  end
  local entries = (message.counts[4] or 0) + (message.counts[5] or 0)
  if entries > 0 then
    text = text .. ", " .. entries .. (entries == 1 and " entry" or " entries")
  end
  return text .. ", id " .. hex(message.transaction)
end

function pap2.dissector(tvb, pinfo, root)
  pinfo.cols.protocol = "PAP/2"
  local tree = root:add(pap2, tvb())
  if tvb:len() < HEADER then
    local is_cut = tvb:len() < tvb:reported_len()
    tree:add_proto_expert_info(is_cut and e.cut or e.short)
    pinfo.cols.info = "shorter than a header"
    return tvb:len()
  end
  local message = header_into(tree, tvb)
  if message.version ~= 2 then
    tree:add_proto_expert_info(e.version)
    pinfo.cols.info = "version " .. message.version
    return tvb:len()
  end
  check_header(tree, tvb, message)
  options_into(tree, tvb, message)
  check_authentication(tree, message)
  if message.is_response and message.code ~= 0 then
    tree:add_proto_expert_info(e.refused, code_name(message))
  end
  exchange_into(tree, pinfo, tvb, message)
  pinfo.cols.info = info(message)
  tree:append_text(", " .. info(message))
  return tvb:len()
end

-- The port -----------------------------------------------------------------------------------

local udp = DissectorTable.get("udp.port")
local port = pap2.prefs.port
udp:add(port, pap2)

function pap2.prefs_changed()
  if port == pap2.prefs.port then return end
  udp:remove(port, pap2)
  port = pap2.prefs.port
  udp:add(port, pap2)
end
