// SPDX-License-Identifier: Apache-2.0
// The scripts that `bmc completion` prints. Words go to bmc as arguments and come back
// as lines: no shell evaluates any of them.
#include "cli/commands/complete.h"

/* Bash ends words at ":" and "=", bmc does not: what stands before them is taken away
 * from the answers. */
static const char bash[] =
	"# bash completion of bmc\n"
	"_bmc() {\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} words cut IFS\n"
	"\tIFS=$' \\t\\n' read -ra words <<<\"$line\"\n"
	"\t[[ $line == *[[:space:]] ]] && words+=('')\n"
	"\tcut=${words[${#words[@]} - 1]}\n"
	"\tcut=${cut%\"${cut##*[:=]}\"}\n"
	"\tIFS=$'\\n' read -rd '' -a COMPREPLY \\\n"
	"\t\t< <(\"${words[0]}\" __complete -- \"${words[@]:1}\" 2>/dev/null)\n"
	"\tif [[ ${COMPREPLY[0]-} == @files ]]; then\n"
	"\t\tCOMPREPLY=()\n"
	"\t\tcompopt -o default\n"
	"\telif ((${#COMPREPLY[@]})); then\n"
	"\t\tCOMPREPLY=(\"${COMPREPLY[@]#\"$cut\"}\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _bmc bmc\n";

static const char zsh[] = "#compdef bmc\n"
			  "_bmc() {\n"
			  "\tlocal -a offers\n"
			  "\toffers=(\"${(@f)$(\"$words[1]\" __complete -- "
			  "\"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
			  "\tif [[ $offers[1] == @files ]]; then\n"
			  "\t\t_files\n"
			  "\telse\n"
			  "\t\tcompadd -a offers\n"
			  "\tfi\n"
			  "}\n"
			  "if [[ $funcstack[1] == _bmc ]]; then\n"
			  "\t_bmc \"$@\"\n"
			  "else\n"
			  "\tcompdef _bmc bmc\n"
			  "fi\n";

static const char fish[] = "# fish completion of bmc\n"
			   "function __bmc_complete\n"
			   "\tset -l words (commandline -opc)\n"
			   "\tset -l word (commandline -ct)\n"
			   "\tset -l offers ($words[1] __complete -- $words[2..-1] "
			   "\"$word\" 2>/dev/null)\n"
			   "\tif test \"$offers[1]\" = @files\n"
			   "\t\t__fish_complete_path \"$word\"\n"
			   "\telse\n"
			   "\t\tprintf '%s\\n' $offers\n"
			   "\tend\n"
			   "end\n"
			   "complete -c bmc -f -a '(__bmc_complete)'\n";

const struct cli_completion_script cli_completions[3] = {
	{ "bash", bash },
	{ "zsh", zsh },
	{ "fish", fish },
};
