#include "report/style.h"

#include <stddef.h>

#define LIGHT                                                                                                \
  "color-scheme:light;--page:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#565e69;--line:#d8dce2;--edge:#"       \
  "7b838e;"                                                                                                  \
  "--focus:#0b57d0;--c0:#0067a8;--c1:#c44601;--c2:#00795b;--c3:#9c3b78;--c4:#8a6300;--c5:#4b5bd6;"           \
  "--c6:#b0254e;--c7:#5f6772;--none:#9aa1ab;--rest:#6b7480;--high:#a3200d;--high-page:#fdecea;"              \
  "--some:#7a4b00;--some-page:#fff4dc;--few:#1c5c3a;--few-page:#e8f5ee"
#define DARK                                                                                                 \
  "color-scheme:dark;--page:#14171b;--card:#1d2127;--ink:#e8eaed;--soft:#aab2bd;--line:#363c45;--edge:#"     \
  "8b939e;"                                                                                                  \
  "--focus:#8ab4ff;--c0:#5bb5ec;--c1:#ff8d52;--c2:#3ecf9f;--c3:#e79cc8;--c4:#ecc04a;--c5:#a6b0ff;"           \
  "--c6:#ff8098;--c7:#b4bcc8;--none:#6d7581;--rest:#98a1ad;--high:#ffb4a9;--high-page:#4a1710;"              \
  "--some:#ffd591;--some-page:#40300a;--few:#9be0b8;--few-page:#12351f"

/* In pieces: C allows strings of 4095 characters. */
const char *const tx_report_style[] = {
    ":root{" LIGHT "}"
    "@media (prefers-color-scheme:dark){:root{" DARK "}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe "
    "UI\","
    "Roboto,\"Helvetica Neue\",Arial,sans-serif}"
    "main,header,footer{max-width:1180px;margin:0 auto;padding:0 20px}"
    "header{padding-top:28px}"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px}"
    "h2{font-size:1.25rem;margin:36px 0 12px}"
    "h3{font-size:1.05rem;margin:0 0 2px}"
    "p{margin:0 0 8px}"
    "a{color:var(--focus)}"
    "code,pre{font:.85em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--page);border:1px solid var(--line);"
    "border-radius:6px;padding:10px;margin:0}"
    ".lead,figcaption p,.note{color:var(--soft);font-size:.9rem}"
    "nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:10px 0 "
    "0;padding:0;font-size:.9rem}"
    ".cards{columns:2;column-gap:16px}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;"
    "margin:0 0 16px;min-width:0;break-inside:avoid}",

    ".wide{column-span:all;margin-top:16px}"
    "@media (max-width:860px){.cards{columns:1}main,header,footer{padding:0 12px}"
    "header{padding-top:20px}.card{padding:12px}}"
    "svg.plot{display:block;width:100%;height:auto;max-width:560px;margin:6px auto 0;overflow:visible}"
    "svg.tree{max-width:none;min-width:680px}"
    ".scroll{overflow-x:auto;max-width:100%}"
    "svg text{font-size:11px;fill:var(--ink)}"
    "svg .axis{fill:var(--soft)}"
    "svg .tick{fill:var(--soft)}"
    "@media (max-width:500px){svg .axis,svg .name,svg .tip{font-size:12.5px}}"
    "svg .grid{stroke:var(--line);stroke-width:1;fill:none}"
    "svg .frame{stroke:var(--edge);stroke-width:1;fill:none}"
    "svg .reference{stroke:var(--edge);stroke-width:1;stroke-dasharray:2 3;fill:none}"
    ".s0{--c:var(--c0)}.s1{--c:var(--c1)}.s2{--c:var(--c2)}.s3{--c:var(--c3)}.s4{--c:var(--c4)}"
    ".s5{--c:var(--c5)}.s6{--c:var(--c6)}.s7{--c:var(--c7)}"
    ".line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}"
    ".s1 .line{stroke-dasharray:7 3}.s2 .line{stroke-dasharray:2 3}.s3 .line{stroke-dasharray:9 3 2 3}"
    ".s5 .line{stroke-dasharray:7 3}.s6 .line{stroke-dasharray:2 3}.s7 .line{stroke-dasharray:9 3 2 3}"
    ".dot{fill:var(--c);stroke:var(--card);stroke-width:1}"
    ".whisker{stroke:var(--c);stroke-width:2;fill:none}"
    ".fill{fill:var(--c)}.fill.b{fill-opacity:.62;stroke:var(--c);stroke-width:1}"
    ".fill.rest{fill:var(--rest)}.fill.none{fill:var(--none);fill-opacity:.55}"
    ".points{fill:none;stroke:var(--c);stroke-width:5;stroke-linecap:round;stroke-opacity:.8}"
    ".points.rest{stroke:var(--none);stroke-width:3.5;stroke-opacity:.55}"
    ".v0{fill:#00204d}.v1{fill:#3c4d6e}.v2{fill:#7c7b78}.v3{fill:#baad6b}.v4{fill:#ffea46}.v5{fill:var(--"
    "line)}"
    "text.v0,text.v1{fill:#fff}text.v2,text.v3,text.v4{fill:#000}text.v5{fill:var(--ink)}"
    "rect.v0,rect.v1,rect.v2,rect.v3,rect.v4{stroke:var(--card);stroke-width:.6}"
    ".w0{--c:var(--c0)}.w1{--c:var(--c1)}.w2{--c:var(--c2)}.w3{--c:var(--c3)}.w4{--c:var(--c4)}"
    ".w5{--c:var(--c5)}.w6{--c:var(--c6)}.w7{--c:var(--c7)}.wx{--c:var(--none)}"
    "rect[class^=w]{fill:var(--c);fill-opacity:.26;stroke:var(--c);stroke-width:.8}"
    "text[class^=w]{fill:var(--ink)}"
    ".mark{outline:none}"
    ".mark .tip{display:none;fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--card);"
    "stroke-width:6px;stroke-linejoin:round}"
    ".mark:hover .tip,.mark:focus .tip{display:block}"
    ".mark:hover>:not(text){filter:brightness(1.15)}",

    ".mark:focus-visible>:not(text){stroke:var(--ink);stroke-width:3;stroke-opacity:1}"
    ":focus-visible{outline:3px solid var(--focus);outline-offset:2px}"
    ".mark:focus-visible{outline:none}"
    ".legend{display:flex;flex-wrap:wrap;gap:2px 14px;list-style:none;margin:6px 0 "
    "0;padding:0;font-size:.84rem}"
    ".legend li{display:flex;align-items:center;gap:5px;min-width:0;overflow-wrap:anywhere}"
    ".key{width:26px;height:14px;flex:none}"
    "details{margin-top:10px;font-size:.88rem}"
    "summary{cursor:pointer;color:var(--focus)}"
    "table{border-collapse:collapse;font-size:.85rem;margin-top:6px;width:100%}"
    "caption{text-align:left;color:var(--soft);padding:2px 0 4px}"
    "th,td{text-align:left;padding:3px 10px 3px 0;border-bottom:1px solid var(--line);vertical-align:top;"
    "font-weight:400;overflow-wrap:anywhere;min-width:6.2em}"
    "thead th{font-weight:600;color:var(--soft);overflow-wrap:normal}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td code{overflow-wrap:anywhere}"
    ".alarm{display:flex;gap:18px;align-items:center;border:2px solid currentColor;border-left-width:12px;"
    "border-radius:8px;padding:14px 16px;margin:10px 0}"
    ".alarm p{margin:0}.alarm .big{font-size:2.3rem;font-weight:700;line-height:1.1;white-space:nowrap}"
    ".alarm.high,.alarm.unknown{color:var(--high);background:var(--high-page)}"
    ".alarm.some{color:var(--some);background:var(--some-page)}"
    ".alarm.few{color:var(--few);background:var(--few-page)}"
    "@media (max-width:560px){.alarm{flex-direction:column;align-items:flex-start;gap:6px}}"
    "footer{color:var(--soft);font-size:.85rem;padding-top:24px;padding-bottom:32px}"
    "@media print{:root{" LIGHT "}body{background:#fff;font-size:11pt}"
    "nav,details:not([open]){display:none}.card{break-inside:avoid;border-color:#999}",

    "h2,h3{break-after:avoid}.cards{columns:auto}.card{margin-bottom:12px}"
    ".scroll{overflow:visible}svg.tree{min-width:0}svg.plot{width:auto;max-width:120mm;"
    "max-height:200mm}svg.tree{width:100%;max-width:none}"
    "svg,.alarm,.key{-webkit-print-color-adjust:exact;print-color-adjust:exact}main,header,footer{max-width:"
    "none;"
    "padding:0}}",
    NULL};
