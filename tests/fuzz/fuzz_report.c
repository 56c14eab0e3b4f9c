/* Results as JSON, any bytes: the reading ends in an orderly way, and what was read becomes a page whose only
   tags are those of the program. */
#include "harness.h"

#include "report/data.h"
#include "report/page.h"

/* Every '<' of the page begins a tag of a name that the program writes. */
static void check_page(const tx_bytes *page)
{
  static const char *const names[] = {
      "!DOCTYPE", "html", "head",    "meta",       "link",   "title",   "style", "body",  "header",
      "h1",       "h2",   "h3",      "p",          "nav",    "ul",      "li",    "a",     "main",
      "section",  "div",  "figure",  "figcaption", "em",     "svg",     "g",     "path",  "rect",
      "circle",   "text", "details", "summary",    "table",  "caption", "thead", "tbody", "tr",
      "th",       "td",   "code",    "pre",        "footer", "strong"};
  for (const char *at = page->data; (at = strchr(at, '<')) != NULL; at++) {
    const char *name = at + 1 + (at[1] == '/');
    size_t n = 0, count = sizeof names / sizeof *names;
    while (n < count &&
           (strncmp(name, names[n], strlen(names[n])) != 0 || !strchr(" >/", name[strlen(names[n])])))
      n++;
    require(n < count, "a tag of another kind");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const tx_report_options options = {.title = "fuzz"};
  tx_result_report *report = NULL;
  const char *kind = NULL;
  tx_bytes page = {0};
  tx_error error = {0};
  tx_status status = tx_report_create(&options, &report, &error);
  if (status != TX_OK) return 0;
  status = tx_report_read_json(report, (const char *)data, size, "results", &kind, &error);
  if (status == TX_OK) status = tx_report_finish(report, &error);
  if (status == TX_OK) {
    tx_report_page(report, &page);
    require(page.failed || page.size > 1000, "an empty page");
    if (!page.failed) check_page(&page);
    tx_bytes_clear(&page);
    tx_report_json(report, &page);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
  }
  tx_bytes_free(&page);
  tx_report_free(report);
  return 0;
}
