# SPDX-License-Identifier: MIT
#
# depth.awk: from gcc's -fcallgraph-info=su files, "NAME BYTES" for each function: the deepest stack
# of a call to it. A callback of the port counts 0, but for what it calls in the library: an rmap
# walk calls one of the visitors, which are the functions that nobody calls by name; but those named
# to_SOMETHING make a new entry of an old one, and are called by whoever changes entries.

function quoted(text, key,    rest)
{
	rest = substr(text, index(text, key ": \"") + length(key) + 3)
	return substr(rest, 1, index(rest, "\"") - 1)
}

function depth(name,    i, most, below)
{
	if (name in known)
		return known[name]
	if (name in active) {
		print "recursion through " name > "/dev/stderr"
		exit 1
	}
	active[name] = 1
	for (i = 1; i <= calls[name]; i++) {
		below = depth(callee[name, i])
		if (below > most)
			most = below
	}
	delete active[name]
	known[name] = frame[name] + most
	return known[name]
}

/^node:/ && /bytes \(/ {
	name = quoted($0, "title")
	split(quoted($0, "label"), part, "\\\\n")
	split(part[3], number, " ")
	frame[name] = number[1]
	if (part[3] !~ /static|bounded/) {
		print name " has a frame of no fixed size: " part[3] > "/dev/stderr"
		exit 1
	}
}

/^edge:/ {
	from = quoted($0, "sourcename")
	to = quoted($0, "targetname")
	callee[from, ++calls[from]] = to
	called[to] = 1
}

END {
	for (name in frame)
		if (name ~ /:/ && !(name in called))
			visitors[name]
	for (name in visitors) {
		caller = name ~ /:to_/ ? "__indirect_call" : "salvo_port_rmap_walk"
		callee[caller, ++calls[caller]] = name
	}
	for (name in frame)
		if (name !~ /:/)
			print name, depth(name)
}
