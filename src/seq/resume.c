#include "seq/resume.h"

static tx_status skip_line(tx_resume *resume, tx_scanner *scanner, tx_error *error)
{
  const bool ended = !resume->at_line && scanner->line_ended;
  tx_status status;
  resume->at_line = false; /* a wait may end within the line */
  status = ended ? TX_OK : tx_scanner_skip_line(scanner, error);
  resume->at_line = status == TX_OK;
  return status;
}

/* Finishes the line in which the record failed, and shows the first byte of the next one; -1 at the end. */
static tx_status begin(tx_resume *resume, tx_scanner *scanner, int *ret_byte, tx_error *error)
{
  const tx_status status = resume->at_line ? TX_OK : skip_line(resume, scanner, error);
  return status == TX_OK ? tx_scanner_peek(scanner, ret_byte, error) : status;
}

tx_status tx_resume_fasta(tx_resume *resume, tx_scanner *scanner, tx_error *error)
{
  int byte = -1;
  tx_status status = begin(resume, scanner, &byte, error);
  while (status == TX_OK && byte >= 0 && byte != '>') {
    status = skip_line(resume, scanner, error);
    if (status == TX_OK) status = tx_scanner_peek(scanner, &byte, error);
  }
  return status;
}

/* Says what the line that begins with the byte is, before it is taken. False: the next record begins. */
static bool take_in(tx_resume *resume, int byte)
{
  const bool blank = byte == '\n' || byte == '\r';
  if (resume->part == TX_PART_HEADER) resume->part = TX_PART_SEQUENCE;
  if (resume->part == TX_PART_SEQUENCE && byte == '@') return false;
  if (resume->part == TX_PART_QUALITY && resume->lines == 0) resume->part = TX_PART_END;
  if (resume->part == TX_PART_END) return byte != '@';
  if (resume->part == TX_PART_QUALITY)
    resume->lines -= !blank;
  else if (byte == '+')
    resume->part = TX_PART_QUALITY;
  else
    resume->lines += !blank;
  return true;
}

tx_status tx_resume_fastq(tx_resume *resume, tx_scanner *scanner, tx_error *error)
{
  int byte = -1;
  tx_status status = begin(resume, scanner, &byte, error);
  while (status == TX_OK && byte >= 0 && take_in(resume, byte)) {
    status = skip_line(resume, scanner, error);
    if (status == TX_OK) status = tx_scanner_peek(scanner, &byte, error);
  }
  return status;
}
