"""The words of the scripts that `lua_writer` writes: values, commands, and how expressions nest."""

from __future__ import annotations

#: Describes any value exactly, whatever the order of its keys.
PRELUDE = """\
local function T(v) return (tostring(v):gsub('0x%x+', '')) end
local function D(v, depth)
  local kind = type(v)
  if kind == 'number' then return string.format('%.17g', v) end
  if kind ~= 'table' then return kind == 'string' and string.format('%q', v) or T(v) end
  if v == _G then return '_G' end
  if (depth or 0) > 3 then return '{...}' end
  local parts = {}
  for key, item in pairs(v) do parts[#parts + 1] = D(key, 9) .. '=' .. D(item, (depth or 0) + 1) end
  table.sort(parts)
  return '{' .. table.concat(parts, ',') .. '}'
end
local function A(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = D((select(i, ...))) end
  return table.concat(parts, ' | ')
end
"""

SHORT_PRELUDE = PRELUDE.splitlines()[0] + " local D, A = T, T\n"

NUMBERS = """0 1 -1 2 3 7 10 64 100 255 1.5 -2.5 3.99 0.1 1e15 1e16 1e100 -1e308 2^31 2^32 2^52 2^53
2^62 2^63 -2^63 0/0 1/0 -1/0 -0 0x10 #KEYS #ARGV ARGV[2] math.pi math.huge""".split()
TEXTS = (
    r"""
'' | 'a' | 'key' | 'list' | 'hello world' | '10' | '3.5' | ' 7 ' | '0x1F' | '1e3' | 'a\0b' | '\255\254'
'line\nline' | '%d items' | '-ERR text' | 'ERR a\rb' | '\195\164' | KEYS[1] | ARGV[1] | ('x'):rep(70)
[[long]] | _VERSION | redis.REDIS_VERSION | 'txt' | '-' | 'OK' | '[1,{"a":null}]' | 'return 1' | 'nosuch('
""".replace("\n", " | ")
    .strip(" |")
    .split(" | ")
)
FORMATS = """%d %5d %-5d %05d %+d %i %u %x %#X %o %c %e %.3e %f %.0f %10.2f %g %.3g %.14g %.17g %s %5s
%-8s| %.2s %q %% %5.1s %10q %a %y %""".split()
PATTERNS = r"""a . %a+ %d+ (%w+) ^%s*(.-)%s*$ [aeiou] [^%w] %b() (a)(b) x* .-o l+ () %f[%w]%w+ [%a_][%w_]*
(%1 [ %g (.)%1""".split()
KEYS = ["'n'", "'list'", "'hash'", "'set'", "'zset'", "'raw'", "'none'", "'stream'", "KEYS[1]"]

COMMANDS = """
'GET',$k 'SET',$k,$v 'SET',$k,$v,'NX' 'SET',$k,$v,'GET' 'SET',$k,$v,'EX',$n 'DEL',$k,$k 'EXISTS',$k,$k
'TYPE',$k 'INCR',$k 'INCRBY',$k,$n 'INCRBYFLOAT',$k,$n 'APPEND',$k,$v 'STRLEN',$k 'GETRANGE',$k,$n,$n
'SETRANGE',$k,3,$s 'MGET',$k,$k,$k 'MSET',$k,$v,$k,$v 'SETNX',$k,$v 'GETDEL',$k 'GETEX',$k
'HSET',$k,$s,$v 'HSET','hash',$s,$v,$s,$v 'HGET','hash',$s 'HMGET',$k,$s,'f' 'HGETALL',$k
'HINCRBY','hash','f',$n 'HDEL','hash',$s 'HKEYS',$k 'HVALS','hash' 'HLEN',$k 'HEXISTS','hash',$s
'HINCRBYFLOAT','hash','f',$n 'HSTRLEN','hash','f' 'LPUSH',$k,$v,$v 'RPUSH','list',$v 'LPOP',$k
'LPOP','list',2 'RPOP',$k 'LRANGE',$k,0,-1 'LRANGE','list',$n,$n 'LLEN',$k 'LINDEX','list',$n
'LSET','list',$n,$v 'LREM','list',$n,$v 'LTRIM','list',0,$n 'LPOS','list','x' 'LINSERT','list','BEFORE','x',$v
'RPOPLPUSH','list',$k 'LMOVE','list','list','LEFT','RIGHT' 'LMPOP',1,$k,'LEFT' 'SADD',$k,$v,$v
'SREM','set',$v 'SMEMBERS',$k 'SISMEMBER','set',$v 'SMISMEMBER','set',$v,1 'SCARD',$k 'SINTER',$k,'set'
'SUNION','set',$k 'SDIFF','set',$k 'SMOVE','set',$k,1 'ZADD',$k,$n,$s 'ZADD','zset','XX','CH',$n,'m'
'ZADD','zset','INCR',$n,$s 'ZSCORE',$k,'m' 'ZMSCORE','zset','m',$s 'ZINCRBY','zset',$n,'m' 'ZRANK','zset',$s
'ZRANK','zset','m','WITHSCORE' 'ZRANGE',$k,0,-1 'ZRANGE','zset',0,-1,'WITHSCORES' 'ZRANGE','zset',$n,$n,'BYSCORE'
'ZREM','zset',$s 'ZCARD',$k 'ZCOUNT','zset',$n,'+inf' 'ZPOPMIN',$k 'ZPOPMAX','zset',2 'ZRANGEBYSCORE','zset','-inf',$n,'WITHSCORES'
'XADD','stream','7-*',$s,$v 'XADD','stream',$n..'-1',$s,$v 'XLEN',$k 'XRANGE','stream','-','+' 'XREAD','COUNT',1,'STREAMS',$k,0
'EXPIRE',$k,$n 'PERSIST',$k 'TTL','list' 'RENAME',$k,$k 'COPY',$k,$k 'OBJECT','ENCODING',$k 'BITCOUNT',$k
'SETBIT',$k,$i,1 'GETBIT','raw',$n 'PFADD',$k,$v 'PFCOUNT',$k 'GEOADD','geo',$n,$n,$s 'GEOPOS','geo','p',$s
'ECHO',$v 'PING' 'PING',$s 'SELECT',$n 'DBSIZE' 'LCS','raw',$k 'SORT',$k 'SORT','list','ALPHA'
'CONFIG','GET','maxmemory' 'WAIT',0,0 'BLPOP',$k,0 'SUBSCRIBE',$s 'EVAL','return',0 'MULTI'
'PUBLISH',$s,$v 'GET' 'SET',$k 'NOSUCH',$v 'OBJECT','nosuch',$k 'HSET','hash',$s $v $v,$v 'ACL','WHOAMI'
'KEYS','l*' 'SINTERCARD',1,'set' 'ZRANGESTORE','zset','zset',0,$n 'HRANDFIELD','none' 'SPOP','none'
'SCAN',0,'MATCH','none' 'ZUNION',2,'zset',$k,'WITHSCORES' 'ZINTER',1,'zset' 'ZDIFF',1,'zset','WITHSCORES'
""".split()

#: Values by the kind that is likely to be wanted. $n number, $s text, $t table, $f function, $v any
#: value, $k key, $x local variable; $c the words of a command.
FORMS = {
    "n": """$n $x $x ($n+$n) ($n-$n) ($n*$n) ($n/$n) ($n%$n) ($n^2) -$n #$s #$t math.floor($n) math.ceil($n)
        math.abs($n) math.max($n,$n) math.min($n,$n,$v) math.fmod($n,$n) math.sqrt($n) tonumber($s) tonumber($v)
        tonumber($s,$n) select('#',$v,$v) $s:len() ('abc'):byte($n) math.modf($n) math.log10($n) math.ldexp($n,3)
        redis.call($c) table.getn($t) table.maxn($t) math.random($n) math.random(3,$n) (string.find($s,$p))
        bit.band($n,$n) bit.lshift($n,3) bit.tobit($n) cjson.decode($s) struct.size('>I4i2')""",
    "s": """$s $x $x $s..$s $n..$s T($v) string.format($o,$v) string.format($o,$n) string.format($o..$o,$v,$v)
        $s:upper() $s:sub($n,$n) $s:rep(3) $s:reverse() string.rep($s,$i) (string.gsub($s,$p,$s)) ($s:gsub($p,$t))
        (string.gsub($s,$p,$f)) string.match($s,$p) $s:match($p,$n) table.concat($t,',') table.concat($t)
        string.char(65,$n) type($v) redis.sha1hex($v) cjson.encode($v) cjson.encode($t) redis.call($c) redis.pcall($c)
        $v..$v bit.tohex($n) ({$s:find($p)})[2] coroutine.status(coroutine.create($f)) string.lower($v) D($v)
        struct.pack('>I2s',$n,$s) redis.status_reply($s).ok redis.error_reply($s).err""",
    "t": """{} {$v} {$v,$v} {$v,$v,$v} {a=$v} {[$v]=$v} {$v,a=$v} {n=$n,$v} {$t,$t} {ok=$s} {err=$s} {err=$s,source=$s,line=$n}
        {ok=$v} {err=$v} {double=$n} {big_number=$s} {map={[$v]=$v}} {map={a=$v,b=$v}} {set={[$v]=true}} {set={$v,$v}}
        {verbatim_string={format=$s,string=$s}} {$f($v)} {pcall($f,$v)} {pcall(error,$v)} {xpcall($f,$f)} {redis.pcall($c)}
        {pcall(redis.call,$c)} $x redis.call($c) redis.pcall($c) redis.error_reply($s) redis.status_reply($s)
        setmetatable({$v},{__index=$t}) setmetatable({},{__index=$f}) setmetatable({},{__call=$f}) setmetatable({},{__tostring=$f})
        setmetatable({$v},{__newindex=$f,__len=$f,__concat=$f,__unm=$f}) setmetatable({},{__eq=$f,__lt=$f,__le=$f,__add=$f})
        {unpack($t)} {unpack($t,$n,$n)} {$s:byte(1,-1)} {$s:find($p)} {string.gsub($s,$p,$f)} {math.modf($n)} {math.frexp($n)} KEYS ARGV
        {select($n,$v,$v,$v)} {coroutine.resume(coroutine.create($f),$v)} {pcall(coroutine.wrap($f))} {(function(...)return...end)($v,$v)}
        {table.remove($t)} {table.remove($t,$n)} {next($t)} {assert($v,$v)} {loadstring($s)} cjson.decode(cjson.encode($t))
        {cmsgpack.unpack(cmsgpack.pack($v,$v))} {struct.unpack('>I2',$s)} {math.randomseed($n),math.random()} {redis.acl_check_cmd($c)}
        string string.format redis math""",
    "f": """$f function()return($v)end function(...)return... end function(a)return(a)end function(a,b)return{a,b}end
        function(a)error($v)end function(a)error(a,2)end function()error($t)end function(a)return(a..$s)end function(a)return(a+$n)end
        function(a)return(a<$v)end function()return(redis.call($c))end function(...)return(redis.pcall(...))end function(...)return(select('#',...))end
        function()local(x)=$v;return(x.y.z)end function(a)coroutine.yield(a)return($v)end function(a)return(#a)end function(a,b)return(a<b)end
        tostring tonumber type error redis.call redis.pcall unpack math.floor string.upper pcall assert next rawlen coroutine.wrap $x
        coroutine.wrap($f) loadstring('return...') string.len table.concat redis.sha1hex""",
    "b": """true false $v==$v $v~=$v $n<$n $n<=$n $s<$s $v>$v not($v) rawequal($v,$v) $v(and)$v $x next($t)""",
}  # fmt: skip
FORMS["b"] = FORMS["b"].replace("(and)", " and ")
CHOICES = {kind: forms.split() for kind, forms in FORMS.items()}
LEAVES = {
    "n": NUMBERS,
    "s": TEXTS,
    "t": ["{}", "{1,2,3}", "{'a','b'}", "{a=1}", "KEYS", "{3,1,2}", "{1,nil,3}", "{{1},{2}}"],
    "f": ["tostring", "function() end", "function(...) return ... end", "error", "redis.call"],
    "b": ["true", "false", "nil"],
    "k": KEYS,
    "i": ["0", "1", "2", "3", "7"],
    "&": [
        "redis.call",
        "redis.pcall",
        "pcall",
        "error",
        "tostring",
        "unpack",
        "assert",
        "next",
        "string.format",
        "cjson.encode",
        "math.floor",
        "setmetatable",
        "select",
        "redis.error_reply",
        "table.concat",
        "string.gsub",
        "redis.sha1hex",
        "tonumber",
        "rawget",
        "table.insert",
    ],
    "p": [f"'{pattern}'" for pattern in PATTERNS],
    "o": [f"'{form}'" for form in FORMATS],
}
ANY = "nnsssttbbf"

SIMPLE = (
    "local @ = $v", "local @ = $v", "local @ = $n", "local @ = $s", "local @ = $t", "local @ = $f",
    "local @, @ = $v, $v", "local @, @ = $f($v)", "$= = $v", "$= = $v", "$=[$v] = $v", "$=.a = $v",
    "redis.call($c)", "redis.call($c)", "redis.call($c)", "redis.pcall($c)", "local @ = redis.call($c)",
    "local @ = redis.pcall($c)", "local @ = redis.call($c)", "redis.setresp(3)", "redis.setresp($v)",
    "table.insert($t, $v)", "table.insert($=, $i, $v)", "table.sort($=)", "table.sort($=, $f)",
    "table.foreach($t, $f)", "table.foreachi($t, $f)", "rawset($t, $v, $v)", "setmetatable($=, $t)",
    "error($v)", "error($t)", "error($s, $n)", "assert($v, $v)", "assert($v)", "x = $v", "local @ = x",
    "string.x = $v", "redis.call = $v", "_G.x = $v", "KEYS = $v", "local @ = _G[$v]", "$=()", "$=($v, $v)",
    "local @ = $=.a.b", "local @ = $=[$v]", "local @ = D($v)", "redis.log(redis.LOG_DEBUG, $v)",
    "redis.replicate_commands()", "redis.set_repl(redis.REPL_ALL)", "math.randomseed($n)",
    "local @, @ = coroutine.resume(coroutine.create($f), $v)", "collectgarbage($s)", "local @ = { $x, $x }",
)  # fmt: skip
#: Statements with statements inside: each line that is a number is a block of so many.
COMPOUND = """
if $b then
 2
end
--
if $v then
 1
elseif $b then
 1
else
 2
end
--
for @ = $i, 3 do
 2
end
--
for @ = 3, $n, -1 do
 1
 do break end
end
--
for _, @ in ipairs($t) do
 2
end
--
local list = {}
for @ in pairs($t) do
 list[#list + 1] = D($x)
end
table.sort(list)
local @ = table.concat(list, ',')
--
local count = 0
while count < 3 do
 1
 count = count + 1
end
--
repeat
 1
until true or $v
--
local function @(a, b, ...)
 2
 return $v, $v, ...
end
local @, @ = $!($v, $v, $v)
--
local function @(a)
 1
 return $&(a, $v)
end
local @ = $!($v)
--
local @, @ = pcall(function()
 2
 return $v
end)
--
local @, @ = xpcall(function()
 2
 error($v)
end, function(err)
 1
 return err
end)
--
local @ = coroutine.wrap(function(...)
 1
 local got = coroutine.yield($v)
 1
 return got, ...
end)
local @ = A($!($v), $!($v))
--
local @ = { n = $n, get = function(self, key) return self[key] end }
$!.__index = $!
local @ = setmetatable({ a = $v }, $!)
local @ = A($!:get($s), $!.n, $!:get('a'))
--
local @ = (function()
 local count = $n
 return function()
  1
  count = count + $n
  return count
 end
end)()
local @ = A(pcall($!), pcall($!))
--
local @ = assert(loadstring([==[
 1
return $v]==], $s))
local @ = A(pcall($!))
--
do
 2
end
--
local object = setmetatable({}, { __index = function(self, key)
 1
 return $v
end, __add = function(a, b) return $v end, __lt = $f, __concat = $f, __call = $f })
local @ = A(object.x, object + $n, object[$v])
local @ = $s .. object
"""
ENDS = (
    "return $v", "return $v", "return $v", "return $t", "return $t", "return {$v, $v, $v}", "return A($v, $v)",
    "return D($x)", "return A($x, $x, $x)", "return A($x, $x, $x)", "return {$x, $x}", "return $x", "return redis.call($c)",
    "return redis.call($c)", "return redis.pcall($c)", "return {redis.call($c), redis.pcall($c)}", "return $f($v, $v)",
    "return ({$f})[1]($v)", "return pcall($f, $v)", "return {pcall($f, $v)}", "error($v)", "return $&($v)", "return", "",
    "redis.setresp(3) return redis.call($c)", "redis.setresp(3) return {redis.call($c), $v}", "return $x.a.b", "return -$v",
    "return (function(...) return select($n, ...) end)($v, $v)", "return cjson.encode($t)", "return loadstring($s)()",
    "return tostring($v)", "return $v, $v", "return $f", "return #$v", "return ($v)($v)", "return $v + $v", "return $v .. $v",
)  # fmt: skip
