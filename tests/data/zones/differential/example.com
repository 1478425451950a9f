; Everything that a zone can ask of a server: asked of nsd and of the zone backend, the answers must agree.
$ORIGIN example.com.
$TTL 1h
@               IN SOA  ns1 hostmaster.example.com. (
                        2026112101      ; serial
                        2h 15M          ; refresh, retry
                        2w
                        5m )            ; negative answers
                IN NS   ns1
                IN NS   ns2.example.net.
                IN MX   10 mail
                IN MX   20 mail.example.net.
@       600     IN TXT  "v=spf1 ip4:192.0.2.0/24 include:_spf.example.net -all"
        IN 600  TXT     "second record of the set"
        CAA     0 issue "ca.example"
ns1             A       192.0.2.53
                AAAA    2001:DB8:0:0::53
mail    1d      A       192.0.2.25
mail    1d      A       192.0.2.26
MiXeD           A       192.0.2.1
                TXT     "Case of the Owner"

; aliases
www             CNAME   web
web     60      A       192.0.2.80
chain1  30      CNAME   chain2
chain2          CNAME   chain3
chain3          CNAME   mail
abroad          CNAME   www.example.net.        ; into another zone
nowhere         CNAME   www.example.org.        ; into no zone
dangling        CNAME   missing
to-ent          CNAME   non.terminal
to-wild         CNAME   anything.wild
to-child        CNAME   www.child
upper           CNAME   MAIL.EXAMPLE.COM.

; empty non-terminals
empty.non.terminal A    192.0.2.99

; wildcards
*.wild          TXT     "synthesized"
                MX      5 mail
exact.wild      A       192.0.2.7
a.b.wild        A       192.0.2.8
*.alias         CNAME   web
*.abroad-alias  CNAME   www.example.net.
deep.*.star     A       192.0.2.9       ; the asterisk is an empty non-terminal
*.*.twice       A       192.0.2.10
no.*            A       192.0.2.11      ; below an asterisk at the top

; zone cuts
child           NS      ns.child
                NS      ns2.example.net.
                DS      12345 8 2 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef
ns.child        A       192.0.2.54
www.child       A       192.0.2.55      ; occluded

; DNAME
moved           DNAME   example.net.
                A       192.0.2.12
moved-out       DNAME   example.org.
moved-in        DNAME   wild

; TXT, octet by octet
text1           TXT     plain unquoted words
text2           TXT     "quotes \" and \\ and ; and ( )" escaped\;semicolon
text3           TXT     "\000\001\009\010\127\128\255" "" "\065\066"
text4           TXT     ( "v=DKIM1; k=rsa; "    ; comment with "quotes"
                          "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                          "wxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZIDAQAB" )
spf             TYPE99  "v=spf1 -all"
spf2            SPF     "v=spf1 " "~all"

; other types
_25._tcp.mail   TLSA    3 1 1 0123456789abcdef 0123456789ABCDEF 0123456789abcdef 0123456789abcdef
_submission._tcp SRV    0 1 587 mail
                SRV     10 1 587 mail.example.net.
unknown         TYPE65280 \# 4 0a 0b0c 0D
generic         A       \# 4 C0000214
                MX      \# 8 0005 04 6d61696c 00
info            HINFO   "PC AT" Linux
ptr             PTR     mail
naptr           NAPTR   10 20 "s" "SIP+D2U" "" _sip._udp
sshfp           SSHFP   1 1 0123456789abcdef0123456789abcdef01234567

; names with odd octets
a\.b            A       192.0.2.13
sp\032ace       A       192.0.2.14
\195\169        A       192.0.2.15
under_score     A       192.0.2.16
\@              A       192.0.2.17

$TTL 7
$ORIGIN sub.example.com.
short           A       192.0.2.18              ; short.sub.example.com
                MX      10 relative
@               TXT     "at the origin"
$ORIGIN example.com.
after           A       192.0.2.19
