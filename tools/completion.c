#include "commands.h"
#include "help.h"

#include <string.h>

#include "pages.h"

void tx_completion_begin(FILE *out)
{
  fputs("# bash completion of taxamba; made by 'taxamba completion bash' from the option tables.\n"
        "_taxamba()\n{\n"
        "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} "
        "command=${COMP_WORDS[1]} options= values=\n"
        "  COMPREPLY=()\n"
        "  if (( COMP_CWORD == 1 )); then\n    COMPREPLY=($(compgen -W '",
        out);
  for (const tx_command *const *command = tx_commands(); *command; command++)
    fprintf(out, "%s ", (*command)->name);
  fputs("help man completion --help --version' -- \"$word\"))\n    return\n  fi\n"
        "  case $command in\n",
        out);
}

static void words(FILE *out, const char *alternatives)
{
  for (const char *c = alternatives; *c; c++) fputc(*c == '|' ? ' ' : *c, out);
}

void tx_completion_command(FILE *out, const tx_command *command, const tx_param_table *tables,
                           size_t table_count)
{
  fprintf(out, "  %s)\n    case $previous in\n", command->name);
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++) {
      const tx_param *param = &tables[t].params[p];
      const bool plain = param->type == TX_PARAM_TEXT || param->type == TX_PARAM_LIST;
      if (param->type == TX_PARAM_FLAG || (!plain && tx_param_is_text(param->type)))
        continue;
      fputs("    ", out);
      if (param->letter) fprintf(out, "-%c|", param->letter);
      fprintf(out, "--%s) ", param->name);
      if (param->type == TX_PARAM_CHOICE) {
        fputs("values='", out);
        words(out, param->values);
        fputs("' ;;\n", out);
      } else {
        fputs("return ;;\n", out);
      }
    }
  fputs("    esac\n    options='", out);
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++) {
      const tx_param *param = &tables[t].params[p];
      fprintf(out,
              strcmp(param->standard, "true") == 0 && param->type == TX_PARAM_FLAG ? "--no-%s " : "--%s ",
              param->name);
    }
  fputs("--help --help-all' ;;\n", out);
}

void tx_completion_end(FILE *out)
{
  fputs("  help|man) values='", out);
  for (const tx_command *const *command = tx_commands(); *command; command++)
    fprintf(out, command[1] ? "%s " : "%s", (*command)->name);
  fputs("' ;;\n  completion) values=bash ;;\n  esac\n"
        "  if [[ -n $values ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$values\" -- \"$word\"))\n"
        "  elif [[ $word == -* ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
        "  else\n"
        "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
        "  fi\n"
        "}\n"
        "complete -o filenames -F _taxamba taxamba\n",
        out);
}
