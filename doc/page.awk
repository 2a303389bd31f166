# SPDX-License-Identifier: Apache-2.0
# Makes the scdoc source of a manual page from a page in Markdown, so that nothing is written
# twice: plugins' READMEs and the like. -v page=NAME -v section=7 -v what=WORDS for the line of
# NAME, or -v list=FILE with a table that has the page's words. A row of a table becomes a term with its text below.
function escaped(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/[*_<#]/, "\\\\&", text)
	return text
}
# `code` and **bold** are bold there; a link to another plugin's page names its manual page.
function inline(text,    out, i, at, shown, target) {
	out = ""
	while ((i = match(text, /`[^`]+`|\*\*[^*]+\*\*|\[[^]]+\]\([^)]*\)/)) > 0) {
		out = out escaped(substr(text, 1, i - 1))
		at = substr(text, i, RLENGTH)
		text = substr(text, i + RLENGTH)
		if (at ~ /^`/)
			out = out bold(substr(at, 2, length(at) - 2))
		else if (at ~ /^\*/)
			out = out bold(substr(at, 3, length(at) - 4))
		else {
			shown = target = at
			sub(/\]\(.*/, "", shown)
			sub(/^[^(]*\(/, "", target)
			out = out link(substr(shown, 2), target)
		}
	}
	return out escaped(text)
}
function bold(text) {
	gsub(/`/, "", text)
	return "*" escaped(text) "*"
}
function link(shown, target) {
	if (target ~ /^(\.\.\/|plugins\/)?[a-z_]+\/README.md/) {
		sub(/^(\.\.\/|plugins\/)/, "", target)
		sub(/\/.*/, "", target)
		return "*clusterbmc-" escaped(target) "*(7)"
	}
	gsub(/[`*]/, "", shown)
	return escaped(shown)
}
function plain(text) {
	gsub(/`|\*\*/, "", text)
	return escaped(text)
}
function split_row(line, cells,    n, i) {
	sub(/^[|] */, "", line)
	sub(/ *[|] *$/, "", line)
	n = split(line, cells, / *[|] */)
	return n
}
function row(line,    cells, n, i, text) {
	n = split_row(line, cells)
	text = n > 1 ? inline(cells[n]) : ""
	for (i = 2; i < n; i++) {
		if (cells[i] != "")
			text = text (text ~ /[.:]$/ || text == "" ? " " : ". ") toupper(substr(head[i], 1, 1)) \
			       plain(substr(head[i], 2)) ": " inline(cells[i])
	}
	sub(/^ +/, "", text)
	print "\n*" plain(cells[1]) "*" (text == "" ? "" : "\n\t" text)
}
# What the table of the list says of this plugin.
function listed(    line, cells) {
	while ((getline line <list) > 0) {
		if (index(line, "| [" substr(page, 12) "](") == 1) {
			split_row(line, cells)
			return "plugin: " cells[2]
		}
	}
	return ""
}
BEGIN {
	if (list != "")
		what = listed()
	gsub(/`/, "", what)
	print page "(" section ") \"clusterbmc\"\n\n# NAME\n\n" page " - " escaped(what) "\n"
}
code {
	if (/^ *```/) {
		code = 0
		print "```\n"
	} else
		print substr($0, indent + 1)
	next
}
/^ *```/ {
	match($0, /^ */)
	indent = RLENGTH
	code = 1
	if (!blank)
		print ""
	print "```"
	next
}
/^# / && !titled {
	titled = 1
	print "# DESCRIPTION"
	next
}
/^## / {
	print "\n# " toupper(plain(substr($0, 4)))
	next
}
/^###+ / {
	sub(/^#+ /, "")
	print "\n## " plain($0)
	next
}
/^[|] ?-+/ {
	next
}
/^[|]/ {
	if (table)
		row($0)
	else
		split_row($0, head)
	table = 1
	next
}
table {
	table = 0
	print ""
}
/^ *[0-9]+[.] / {
	sub(/^ *[0-9]+[.] /, "")
	print ". " inline($0)
	next
}
/^ *- / {
	sub(/^ *- /, "")
	print "- " inline($0)
	item = 1
	next
}
{
	blank = /^$/
	if (blank)
		item = 0
	if (item)
		sub(/^ */, "  ")
	else
		sub(/^ */, "")
	print inline($0)
}
END {
	print "\n# SEE ALSO\n\n*clusterbmcd*(8), *clusterbmcd.yaml*(5)"
}
