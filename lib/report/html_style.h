/// How pages look: light and dark, on paper and on narrow screens. Text keeps a contrast of 4.5 to
/// its ground (WCAG 2.1 AA), and no state is told by colour alone.
#pragma once

#include <string_view>

namespace maildiag::report {

inline constexpr std::string_view page_style = R"(
:root{color-scheme:light dark;--page:#f4f5f7;--paper:#fff;--ink:#1b2027;--soft:#59626d;--line:#dfe3e8;--well:#f4f5f7;
--ok:#1a7f37;--info:#0a61c9;--warning:#8f5b00;--critical:#c41e2d;--unknown:#7a45d1;
--ok-bg:#e6f4ea;--info-bg:#e7f1fd;--warning-bg:#fdf3da;--critical-bg:#fdebec;--unknown-bg:#f2ebfd}
@media(prefers-color-scheme:dark){:root{--page:#0e1116;--paper:#171b22;--ink:#e4e8ee;--soft:#9aa4b1;--line:#2c333d;
--well:#11151b;--ok:#46c463;--info:#62aeff;--warning:#e0a52e;--critical:#ff8a84;--unknown:#c39bff;
--ok-bg:#12281a;--info-bg:#10233c;--warning-bg:#2e230b;--critical-bg:#371518;--unknown-bg:#261a3d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,
"Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",NanumGothic,sans-serif}
:lang(ko) p,:lang(ko) li,:lang(ko) h1,:lang(ko) h2,:lang(ko) h3,:lang(ko) h4{word-break:keep-all}
main{max-width:69rem;margin:0 auto;padding:2.5rem 1.5rem 3rem}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure,table{margin:0}
h1{font-size:2rem;line-height:1.25;font-weight:650;overflow-wrap:anywhere;letter-spacing:-.01em}
h2{font-size:1.2rem;line-height:1.4;font-weight:650;margin-bottom:1rem;display:flex;align-items:center;gap:.55rem}
h3{font-size:.82rem;line-height:1.4;font-weight:600;color:var(--soft);margin:1.5rem 0 .6rem}
h4{font-size:1rem;line-height:1.5;font-weight:600;overflow-wrap:anywhere}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;
overflow-wrap:anywhere}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1.4rem 1.5rem 1.5rem;margin-top:1rem}
.icon{width:1.05em;height:1.05em;flex:none;vertical-align:-.16em}
.s-ok{color:var(--ok)}.s-info{color:var(--info)}.s-warning{color:var(--warning)}.s-critical{color:var(--critical)}
.s-unknown{color:var(--unknown)}.s-none{color:var(--soft)}
.cut{fill:none;stroke:var(--paper);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.soft{color:var(--soft)}.small{font-size:.87rem}
.eyebrow{color:var(--soft);font-size:.87rem;margin-bottom:.15rem}
header{padding:0 .25rem .5rem}
.verdict{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem .9rem;margin-top:.9rem}
.badge{display:inline-flex;align-items:center;gap:.45rem;border-radius:99px;padding:.22rem .8rem .22rem .6rem;font-weight:600}
.badge.ok{color:var(--ok);background:var(--ok-bg)}.badge.info{color:var(--info);background:var(--info-bg)}
.badge.warning{color:var(--warning);background:var(--warning-bg)}
.badge.critical{color:var(--critical);background:var(--critical-bg)}
.badge.unknown{color:var(--unknown);background:var(--unknown-bg)}
.badge .cut{stroke:var(--paper)}
.glance{display:grid;grid-template-columns:repeat(auto-fill,minmax(13.5rem,1fr));gap:.6rem;margin-top:1.4rem}
.glance a{display:block;color:inherit;text-decoration:none;background:var(--paper);border:1px solid var(--line);
border-radius:10px;padding:.65rem .8rem}
.glance a:hover{border-color:var(--soft)}
.glance b{display:block;font-weight:600;line-height:1.4}
.glance span{display:flex;align-items:center;gap:.4rem;font-size:.87rem}
a:focus-visible,summary:focus-visible{outline:2px solid var(--info);outline-offset:2px}
.finding{border-left:3px solid var(--line);padding:.1rem 0 .1rem 1rem;margin-top:1.15rem;break-inside:avoid}
.finding:first-of-type{margin-top:0}
.finding.critical{border-color:var(--critical)}.finding.warning{border-color:var(--warning)}
.finding.unknown{border-color:var(--unknown)}.finding.info{border-color:var(--info)}.finding.ok{border-color:var(--ok)}
.finding p{margin-top:.2rem;max-width:52rem;overflow-wrap:anywhere}
.finding ol{margin:.5rem 0 0;padding-left:1.4rem;max-width:52rem}
.finding li{margin-top:.25rem;padding-left:.2rem;overflow-wrap:anywhere}
.group{display:flex;align-items:center;gap:.5rem;margin:1.8rem 0 .9rem;font-size:1rem;color:var(--ink)}
h2+.group{margin-top:0}
summary{cursor:pointer;color:var(--soft);font-size:.87rem;width:fit-content;border-radius:4px}
summary:hover{color:var(--ink)}
details>summary+*{margin-top:.5rem}
.finding details{margin-top:.5rem}
.evidence{list-style:none;padding:.7rem .9rem;background:var(--well);border-radius:8px;font-size:.9rem}
.evidence li{margin-top:.35rem;padding:0;line-height:1.5;overflow-wrap:anywhere}
.evidence li:first-child{margin-top:0}
.plain{list-style:none;padding:0}.plain li{display:flex;gap:.55rem;margin-top:.35rem;overflow-wrap:anywhere}
.plain li .icon{margin-top:.28em}
.record{display:block;background:var(--well);border-radius:8px;padding:.6rem .8rem;line-height:1.55}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.4rem 1.5rem}
.facts dt{color:var(--soft)}.facts dd{overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th{font-weight:600;color:var(--soft);font-size:.82rem}
th,td{text-align:left;vertical-align:top;padding:.5rem 1.1rem .5rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
tbody tr:last-child td,tbody tr:last-child th{border-bottom:0}
td .icon{margin-right:.4rem}
.nowrap{white-space:nowrap}
.meter{display:flex;gap:4px;margin:.2rem 0 .6rem;max-width:26rem}
.meter i{flex:1;height:.7rem;border-radius:3px;background:var(--line)}
.meter.ok i.on{background:var(--ok)}.meter.warning i.on{background:var(--warning)}.meter.critical i.on{background:var(--critical)}
.tree,.tree ul{list-style:none;padding:0}
.tree ul{margin-left:.45rem;padding-left:1.15rem;border-left:1px solid var(--line)}
.tree li{margin-top:.7rem}
.tree .term{font-weight:600}
.tree .cost{color:var(--soft);font-size:.87rem;margin-left:.6rem;white-space:nowrap}
.tree .text{display:block;color:var(--soft);line-height:1.5;margin-top:.1rem}
.grid th.list{height:9.5rem;padding:0 0 .5rem;vertical-align:bottom;width:2.1rem}
.grid th.list span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;font-weight:500}
.grid thead th{vertical-align:bottom}.grid th:first-child{width:1%}
.grid td.state{padding:.5rem 0;width:2.1rem}
.grid td.state .icon{margin:0}
.grid th[scope=row]{color:var(--ink);font-weight:500;font-size:.93rem;white-space:nowrap}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;padding:0;margin-top:1rem;list-style:none;font-size:.87rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.4rem}
.words{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.path{display:block;width:100%;height:auto}
.path text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}
.path .head{font:600 12px system-ui,-apple-system,"Segoe UI",Roboto,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR",
NanumGothic,sans-serif;fill:var(--soft)}
.path .quiet{fill:var(--soft)}
.path .box{fill:var(--well);stroke:var(--line)}
.path .box.root{fill:var(--paper);stroke:var(--soft)}
.path .box.missing{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
.path .edge{fill:none;stroke:var(--soft);stroke-width:1.3;opacity:.65}
.path .edge.fail{stroke:var(--critical);opacity:1;stroke-dasharray:6 4}
.path .edge.none,.path .edge.temperror{stroke-dasharray:2 4}
.path.narrow{display:none;max-width:25rem}
.bars{display:grid;gap:1rem}
.life{break-inside:avoid}
.life .track{height:.7rem;border-radius:4px;background:var(--line);overflow:hidden;margin:.35rem 0}
.life .track i{display:block;height:100%;background:var(--soft)}
.life .track.ok i{background:var(--ok)}.life .track.warning i{background:var(--warning)}
.life .track.critical i{background:var(--critical)}
.life .ends{display:flex;justify-content:space-between;gap:1rem}
footer{color:var(--soft);font-size:.87rem;margin-top:1.6rem;padding:0 .25rem;overflow-wrap:anywhere}
@media(max-width:60rem){.path.wide{display:none}.path.narrow{display:block}}
@media(max-width:40rem){main{padding:1.5rem .9rem 2rem}section{padding:1.1rem 1rem 1.2rem;border-radius:10px}h1{font-size:1.55rem}
.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:.6rem}.glance{grid-template-columns:1fr 1fr}}
@media print{:root{color-scheme:light;--page:#fff}body{font-size:10.5pt}main{max-width:none;padding:0}
section{border:0;border-top:1px solid var(--line);border-radius:0;padding:1rem 0}h2,h3,.group{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}details::details-content{content-visibility:visible;height:auto}
.path.wide{display:none}.path.narrow{display:block}summary{list-style:none}}
)";

/// The signs that icon() shows.
inline constexpr std::string_view page_icons =
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
    "<symbol id=\"i-ok\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7.2\" "
    "fill=\"currentColor\"/>"
    "<path class=\"cut\" d=\"M4.7 8.3l2.3 2.3 4.4-4.9\"/></symbol>"
    "<symbol id=\"i-info\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"7.2\" "
    "fill=\"currentColor\"/>"
    "<path class=\"cut\" d=\"M8 7.4v4M8 4.7v.1\"/></symbol>"
    "<symbol id=\"i-warning\" viewBox=\"0 0 16 16\"><path d=\"M8 1.2 15.4 14.4H.6z\" "
    "fill=\"currentColor\" "
    "stroke=\"currentColor\" stroke-width=\"1\" stroke-linejoin=\"round\"/>"
    "<path class=\"cut\" d=\"M8 6v3.8M8 12.2v.1\"/></symbol>"
    "<symbol id=\"i-critical\" viewBox=\"0 0 16 16\"><path d=\"M5 .8h6L15.2 5v6L11 15.2H5L.8 "
    "11V5z\" "
    "fill=\"currentColor\"/><path class=\"cut\" d=\"M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2\"/></symbol>"
    "<symbol id=\"i-unknown\" viewBox=\"0 0 16 16\"><path d=\"M8 .4 15.6 8 8 15.6.4 8z\" "
    "fill=\"currentColor\"/>"
    "<path class=\"cut\" d=\"M6.3 6.5a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.2M8 "
    "11.5v.1\"/></symbol>"
    "<symbol id=\"i-none\" viewBox=\"0 0 16 16\"><path d=\"M4 8h8\" stroke=\"currentColor\" "
    "stroke-width=\"1.7\" "
    "stroke-linecap=\"round\"/></symbol></defs></svg>";

}  // namespace maildiag::report
