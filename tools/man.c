#include "commands.h"
#include "help.h"

#include <string.h>

#include "pages.h"

/* Running text: a blank line is a new paragraph, and nothing in it may look like roff. */
static void text(FILE *out, const char *words, bool literal)
{
  bool line_start = true;
  for (; *words; words++) {
    if (words[0] == '\n' && words[1] == '\n') {
      fputs("\n.PP\n", out);
      words++;
      line_start = true;
      continue;
    }
    if (line_start && (*words == '.' || *words == '\'')) fputs("\\&", out);
    line_start = false;
    switch (*words) {
    case '\\':
      fputs("\\e", out);
      break;
    case '-':
      fputs("\\-", out);
      break;
    case '\'':
      fputs("\\(aq", out);
      break;
    case '`':
      fputs("\\(ga", out);
      break;
    case '^':
      fputs("\\(ha", out);
      break;
    case '~':
      fputs("\\(ti", out);
      break;
    case '\n':
      fputs(literal ? "\n" : " ", out);
      line_start = literal;
      break;
    default:
      fputc(*words, out);
    }
  }
}

static void heading(FILE *out, const char *name, const char *summary)
{
  fputs(".\\\" Made by 'taxamba man' from the option tables: change those, not this file.\n.TH ", out);
  for (const char *c = name; *c; c++) fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
  fprintf(out, " 1 \"\" \"taxamba %s\" \"Taxamba manual\"\n.SH NAME\n", tx_version());
  text(out, name, false);
  fputs(" \\- ", out);
  text(out, summary, false);
  fputc('\n', out);
}

static void option(FILE *out, const tx_command *command, const tx_param *param)
{
  char bounds[320];
  fputs(".TP\n", out);
  if (param->letter) fprintf(out, "\\fB\\-%c\\fR, ", param->letter);
  fputs("\\fB\\-\\-", out);
  text(out, param->name, false);
  fputs("\\fR", out);
  if (param->type != TX_PARAM_FLAG) {
    fputs(" \\fI", out);
    text(out, tx_value_word(param), false);
    fputs("\\fR", out);
  }
  fputc('\n', out);
  text(out, param->help, false);
  tx_param_bounds(command, param, bounds, sizeof bounds);
  if (bounds[0]) {
    fputs(" (", out);
    text(out, bounds, false);
    fputs(")", out);
  }
  fputc('\n', out);
}

static void options(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count)
{
  fputs(".SH OPTIONS\n", out);
  text(out,
       "An option that has no effect beside the others, or on this input, is an error, unless it has its "
       "default value, which changes nothing anywhere.",
       false);
  if (command->library_rules)
    text(out, " In a file of --config, which may serve many runs, it is left aside with a note.", false);
  fputc('\n', out);
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++) {
      const char *section = tables[t].params[p].section;
      if (!tx_section_first(tables, table_count, t, p)) continue;
      fputs(".SS ", out);
      text(out, section, false);
      fputc('\n', out);
      for (size_t other = 0; other < table_count; other++)
        for (size_t q = 0; q < tables[other].count; q++)
          if (strcmp(tables[other].params[q].section, section) == 0)
            option(out, command, &tables[other].params[q]);
    }
  fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrints a summary of the options that most runs need and "
        "exits.\n",
        out);
  fputs(".TP\n\\fB\\-\\-help\\-all\\fR\nPrints a summary of all options and exits.\n", out);
}

static void examples(FILE *out, const tx_example *example)
{
  fputs(".SH EXAMPLES\n", out);
  for (; example->line; example++) {
    fputs(".PP\n", out);
    text(out, example->explanation, false);
    fputs("\n.PP\n.RS 4\n.EX\n", out);
    text(out, example->line, true);
    fputs("\n.EE\n.RE\n", out);
  }
}

static void ending(FILE *out, const char *see_also)
{
  static const char *const codes[][2] = {
      {"0", "Success. Also when the reader of standard output went away, as head does."},
      {"1", "A file cannot be read or written, or memory ran out."},
      {"2", "A wrong option or argument."},
      {"3", "An input file is not what it should be; the message gives file, line and record."},
      {"4", "A model file is damaged, foreign, or of a newer version."},
      {"5", "Training met a loss or a gradient that is not finite."},
      {"130", "Interrupted by SIGINT, SIGTERM, SIGHUP, SIGUSR1 or SIGXCPU, whatever the program waits for. "
              "A second signal of the same kind (but SIGXCPU) ends it at once."},
  };
  fputs(".SH \"EXIT STATUS\"\n", out);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    fprintf(out, ".TP\n\\fB%s\\fR\n", codes[i][0]);
    text(out, codes[i][1], false);
    fputc('\n', out);
  }
  fputs(".SH FILES\n", out);
  text(out,
       "An output is written beside its place as .NAME.tmp.PROCESS.TOKEN and renamed when it is complete, so "
       "that its folder must be writable. An output that is an input or another output, by whatever name, is "
       "refused. A regular file that changes while it is read is an error; a model is read whole before it "
       "is used.",
       false);
  fputs("\n.SH ENVIRONMENT\n.TP\n\\fBTAXAMBA_MODEL\\fR\n", out);
  text(out, "The model used when none is named.", false);
  fputs("\n.TP\n\\fBTX_CPU\\fR\n", out);
  text(out,
       "Forces a lower level of kernels: scalar, avx2, avx512, avx512vnni or avx512bf16. One that the "
       "processor lacks is left aside for the best that it has; another word is an error.",
       false);
  fprintf(out, "\n.SH \"SEE ALSO\"\n%s\n", see_also);
}

static void program_page(FILE *out)
{
  char see_also[512] = "";
  size_t used = 0;
  heading(out, "taxamba", TX_PROGRAM_SUMMARY);
  fputs(".SH SYNOPSIS\n\\fBtaxamba\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n.br\n"
        "\\fBtaxamba help\\fR \\fICOMMAND\\fR\n.br\n\\fBtaxamba \\-\\-version\\fR\n.SH DESCRIPTION\n",
        out);
  text(out,
       "A Mamba-2 state-space network reads a barcode (COI, ITS, ...), one classifier per rank names it, and "
       "a decoder turns the ranks into one lineage with a confidence per rank. A model is one file; every "
       "command reads FASTA and FASTQ, plain or compressed, from files and pipes.\n\n"
       "Results do not depend on the number of threads, on the batch or on the order of the records. Output "
       "files appear whole or not at all. Messages go to standard error; the last line there tells version, "
       "number of records, speed, peak memory and time.",
       false);
  fputs("\n.SH COMMANDS\n", out);
  for (const tx_command *const *command = tx_commands(); *command; command++) {
    fprintf(out, ".TP\n\\fB%s\\fR\n", (*command)->name);
    text(out, (*command)->summary, false);
    fputs(".\n", out);
    used += (size_t)snprintf(see_also + used, sizeof see_also - used, "%s\\fBtaxamba\\-%s\\fR(1)",
                             used ? ",\n" : "", (*command)->name);
  }
  fputs(".TP\n\\fBman\\fR [\\fICOMMAND\\fR]\nThis page, or that of a command, as roff.\n"
        ".TP\n\\fBcompletion bash\\fR\nA script that completes commands and options in bash.\n",
        out);
  ending(out, see_also);
}

void tx_man_page(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count)
{
  char name[64];
  if (!command) {
    program_page(out);
    return;
  }
  snprintf(name, sizeof name, "taxamba-%s", command->name);
  heading(out, name, command->summary);
  fprintf(out, ".SH SYNOPSIS\n\\fBtaxamba %s\\fR [\\fIOPTION\\fR]... ", command->name);
  text(out, command->operands, false);
  fputs("\n.SH DESCRIPTION\n", out);
  text(out, command->description, false);
  fputc('\n', out);
  options(out, command, tables, table_count);
  examples(out, command->examples);
  ending(out, "\\fBtaxamba\\fR(1)");
}
