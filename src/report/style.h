/* The style sheet of a report's page. */
#ifndef TX_REPORT_STYLE_H
#define TX_REPORT_STYLE_H

/* Texts that follow each other, ended by NULL. Colours of series are told apart with any colour blindness
   (after Okabe and Ito), and have a
   contrast of 3 or more with the card they lie on, in light and in dark; series also differ by shape and
   dash. */
extern const char *const tx_report_style[];

#endif
