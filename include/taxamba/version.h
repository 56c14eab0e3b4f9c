#ifndef TAXAMBA_VERSION_H
#define TAXAMBA_VERSION_H
/* The only definition of the version: CMakeLists.txt reads these three lines. */
#define TX_VERSION_MAJOR 0
#define TX_VERSION_MINOR 1
#define TX_VERSION_PATCH 0

#define TX_VERSION_QUOTE_(x) #x
#define TX_VERSION_TEXT_(a, b, c) TX_VERSION_QUOTE_(a) "." TX_VERSION_QUOTE_(b) "." TX_VERSION_QUOTE_(c)
/* "major.minor.patch" of the headers; tx_version() tells that of the library at run time. */
#define TX_VERSION TX_VERSION_TEXT_(TX_VERSION_MAJOR, TX_VERSION_MINOR, TX_VERSION_PATCH)
#endif
