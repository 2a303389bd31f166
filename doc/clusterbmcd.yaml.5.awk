# SPDX-License-Identifier: Apache-2.0
# Makes the scdoc source of clusterbmcd.yaml(5) from doc/clusterbmcd.yaml.md, which is made
# from the tables that check the files.
function plain(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/\*/, "\\*", text)
	gsub(/_/, "\\_", text)
	gsub(/`/, "", text)
	gsub(/</, "\\<", text)
	return text
}
BEGIN {
	FS = " [|] "
	print "clusterbmcd.yaml(5) \"clusterbmc\"\n\n# NAME\n"
	print "clusterbmcd.yaml - configuration of clusterbmcd and clusterbmc-priv\n"
	print "# DESCRIPTION\n"
	print "The configuration is YAML. *clusterbmcd -t* checks it and says file, line and reason;"
	print "*clusterbmcd -p* prints what is in force. Unknown keys, wrong types and values out of"
	print "range are refused. Each key below has its type, its default, and what a change needs:"
	print "SIGHUP is enough (at once), SIGHUP makes the plugin's instance again (new instance),"
	print "or the service has to be restarted (restart)."
}
/^## / {
	print "\n# " toupper(plain(substr($0, 4)))
	top = 1
	next
}
/^### / {
	print "\n## Below " plain(substr($0, 5))
	next
}
/^[|] `/ {
	sub(/^[|] /, "")
	sub(/ [|]$/, "")
	print "\n*" plain($1) "*"
	print "\t" plain($5) "\n"
	printf "\tType: %s. Default: %s. A change needs: %s.\n", plain($2), plain($3), plain($4)
}
END {
	print "\n# EXAMPLES\n\nSee _examples/site.yaml_ in the documentation folder.\n"
	print "# SEE ALSO\n\n*clusterbmcd*(8), *clusterbmc-priv*(8)"
}
