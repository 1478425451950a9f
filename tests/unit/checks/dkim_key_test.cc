#include "checks/dkim_key.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/base64.h"
#include "support/dkim_signer.h"
#include "support/spf_suite.h"

namespace maildiag::checks::dkim {
namespace {

using test::DkimSigner;

std::string problem(std::string_view text) {
  const auto record = parse_key_record(text);
  CHECK(record.is_dkim);
  const auto id = key_problem(record);
  return id.empty() ? "" : id.substr(9);  // after "dkim.key-"
}

TEST_CASE("conformance: key records") {
  const auto file = test::conformance_file("dkim/key-records.json");
  if (!file) {
    MESSAGE("skipped: no conformance table of key records");
    return;
  }
  std::ifstream in(*file);
  const auto table = nlohmann::json::parse(in);
  REQUIRE(table.size() >= 12);
  for (const auto& entry : table) {
    const auto text = test::suite_detail::octets(entry.at("text"));
    CAPTURE(text);
    const auto record = parse_key_record(text);
    CHECK(record.is_dkim == entry.at("is_dkim").get<bool>());
    CHECK(record.valid() == entry.at("valid").get<bool>());
  }
}

TEST_CASE("keys of both types") {
  const auto rsa = parse_key_record(DkimSigner::usual().record());
  CHECK(rsa.valid());
  REQUIRE(rsa.key.has_value());
  CHECK(rsa.key->bits() == 2048);
  CHECK_FALSE(rsa.key->is_pkcs1());
  const auto ed = parse_key_record(DkimSigner::ed25519().record());
  CHECK(ed.valid());
  REQUIRE(ed.key.has_value());
  CHECK(ed.key->type() == KeyType::ed25519);
  const auto old = parse_key_record("p=" + test::to_base64(DkimSigner::usual().pkcs1()));
  CHECK(old.valid());
  REQUIRE(old.key.has_value());
  CHECK(old.key->is_pkcs1());
  CHECK(old.key->bits() == 2048);
}

TEST_CASE("what makes a record useless") {
  const auto good = test::to_base64(DkimSigner::usual().spki());
  const auto ed = DkimSigner::ed25519();
  CHECK(problem("v=DKIM1; p=" + good) == "");
  CHECK(problem("v=DKIM1; p=") == "revoked");
  CHECK(problem("v=DKIM1; k=rsa") == "no-p");
  CHECK(problem("k=rsa; v=DKIM1; p=" + good) == "version-not-first");
  CHECK(problem("v=DKIM1; p=" + good + "; p=") == "syntax");
  CHECK(problem("v=DKIM1; p=" + good.substr(0, 255)) == "bad-base64");
  CHECK(problem("v=DKIM1; p=" + good.substr(0, 252)) == "broken");
  CHECK(problem("v=DKIM1; p=" + good + "AAAA") != "");
  // Of `openssl genrsa`, PKCS#1 and PKCS#8, cut off; of `openssl genpkey -algorithm ed25519`; PEM.
  CHECK(problem("v=DKIM1; p=MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY") ==
        "private");
  CHECK(problem("p=MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMotYb1HJlcX") == "private");
  CHECK(problem("v=DKIM1; k=ed25519; "
                "p=MC4CAQAwBQYDK2VwBCIEIOPegdBjp/+wrFlLNYYm2XuExIdzHbzdix4DQlaD9XDe") == "private");
  CHECK(problem("v=DKIM1; p=-----BEGIN PRIVATE KEY-----MIICdgIBADAN") == "private");
  CHECK(problem("k=dsa; v=DKIM1; p=MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or") == "private");
  CHECK(problem("v=DKIM1; k=dsa; p=" + good) == "unknown-type");
  CHECK(problem("v=DKIM1; k=ed25519; p=" + good) == "wrong-type");
  CHECK(problem("v=DKIM1; p=" + test::to_base64(ed.raw())) == "wrong-type");
  CHECK(problem("v=DKIM1; k=ed25519; p=" + test::to_base64(ed.spki())) == "ed25519-der");
  CHECK(problem("v=DKIM1; p=" + test::to_base64(ed.spki())) == "wrong-type");
  CHECK(problem("v=DKIM1; k=ed25519; p=AAAA") == "broken");
  CHECK(problem("v=DKIM1; h=sha1; p=" + good) == "hash-excluded");
  CHECK(problem("v=DKIM1; h=sha1 : SHA256; p=" + good) == "");
  CHECK(problem("v=DKIM1; s=tlsrpt; p=" + good) == "service-excluded");
  CHECK(problem("v=DKIM1; s=tlsrpt:*; p=" + good) == "");
  CHECK(problem(DkimSigner::rsa(768).record()) == "too-short");
  CHECK(problem(DkimSigner::rsa(1024).record()) == "");
}

TEST_CASE("an Ed25519 key in DER: the same key in 32 octets is the record") {
  const auto ed = DkimSigner::ed25519();
  const auto der = test::to_base64(ed.spki()), bare = test::to_base64(ed.raw());
  const auto record = parse_key_record("v=DKIM1; k=ed25519; p= " + der + " ; t=s");
  CHECK(record.mended == "v=DKIM1; k=ed25519; p=" + bare + "; t=s");
  CHECK(parse_key_record(record.mended).valid());
  auto broken = ed.spki();
  broken.pop_back();
  CHECK(parse_key_record("k=ed25519; p=" + test::to_base64(broken)).fault == KeyFault::broken);
}

TEST_CASE("quotation marks, backslashes and a byte order mark as text") {
  const auto key = test::to_base64(DkimSigner::usual().spki());
  const auto mended = [](const std::string& text, std::string_view at, const std::string& good) {
    CAPTURE(text);
    const auto record = parse_key_record(text);
    CHECK(key_problem(record) == "dkim.key-wrapped");
    CHECK(record.fault_at == at);
    CHECK(record.mended == good);
    CHECK(record.text == text);
    CHECK_FALSE(record.valid());
    CHECK(parse_key_record(good).valid());
  };
  for (const auto& good : {"v=DKIM1; p=" + key, "k=rsa; p=" + key, "p=" + key}) {
    mended('"' + good + '"', "\"", good);
    mended(" \" " + good + "\" ", "\"", good);
    mended('"' + good + "; \"", "\"", good + ';');
    mended("\xef\xbb\xbf" + good, "U+FEFF", good);
    mended("\\\"" + good + "\\\"", "\\ \"", good);
    mended(good + '"', "\"", good);
    mended(good.substr(0, 50) + '"' + good.substr(50), "\"", good);
  }
  mended("v=DKIM1\\; p=" + key, "\\", "v=DKIM1; p=" + key);
  mended("k=rsa\\; p=" + key, "\\", "k=rsa; p=" + key);
  mended("v=DKIM1; k=rsa\\; p=" + key, "\\", "v=DKIM1; k=rsa; p=" + key);
  mended("v=DKIM1; h=sha256\\; s=email\\; p=" + key, "\\", "v=DKIM1; h=sha256; s=email; p=" + key);
}

TEST_CASE("quotation marks around a record that is of no use: what is wrong with it is told") {
  const auto good = test::to_base64(DkimSigner::usual().spki());
  const auto found = [](const std::string& text) {
    const auto record = parse_key_record(text);
    const auto plain = key_problem(record);
    CHECK_FALSE(record.valid());
    CHECK(record.mended.empty());
    return plain.empty() ? plain : plain.substr(9);
  };
  CHECK(found("\"v=DKIM1; p=\"") == "revoked");
  CHECK(found("\"v=DKIM1; k=rsa\"") == "no-p");
  CHECK(found("\"v=DKIM1; k=dsa; p=" + good + '"') == "unknown-type");
  CHECK(found("\"v=DKIM1; p=" + good.substr(0, 252) + '"') == "broken");
  CHECK(found("\"k=rsa; p=" + good.substr(0, 255) + '"') == "bad-base64");
  CHECK(found("\"k=rsa; v=DKIM1; p=" + good + '"') == "version-not-first");
  CHECK(found("\"v=dkim1; p=" + good + '"') == "bad-version");
  CHECK(found("\"v=DKIM1; h=sha1; p=" + good + '"') == "hash-excluded");
  CHECK(found("\"v=DKIM1; s=tlsrpt; p=" + good + '"') == "service-excluded");
  CHECK(found('"' + DkimSigner::rsa(768).record() + '"') == "too-short");
  // Cut off behind the first string: the rest is not to be had by taking a mark out.
  CHECK(found("v=DKIM1; p=" + good.substr(0, 252) + '"') == "bad-base64");
  CHECK(found("v=DKIM1; foo; p=\"" + good) == "syntax");
  // The other fault has a mend of its own.
  const auto ed = DkimSigner::ed25519();
  const auto der = parse_key_record("\"v=DKIM1; k=ed25519; p=" + test::to_base64(ed.spki()) + '"');
  CHECK(der.fault == KeyFault::ed25519_der);
  CHECK(der.mended == ed.record());
}

TEST_CASE("marks that do no harm, and texts that are no keys in them") {
  const auto good = test::to_base64(DkimSigner::usual().spki());
  CHECK(parse_key_record("v=DKIM1; n=\"ours\"; p=" + good).valid());
  CHECK(parse_key_record("v=DKIM1; n=a\\b; p=").valid());
  CHECK(key_problem(parse_key_record("v=DKIM1; n=\"ours\"; k=dsa; p=" + good)) ==
        "dkim.key-unknown-type");
  for (const auto* text :
       {"\"v=spf1 -all\"", "\"v=DMARC1; p=none\"", "\"t=token\"", "\"\"", "\\"}) {
    CAPTURE(text);
    const auto record = parse_key_record(text);
    CHECK_FALSE(record.intended);
    CHECK(record.text == text);
    CHECK_FALSE(record.wrapped);
  }
  CHECK(parse_key_record("v=dkim1; p=").fault == KeyFault::version);
}

TEST_CASE("a private key is told whatever stands around it, and not shown") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const auto hidden = [&secret](const std::string& text) {
    CAPTURE(text);
    const auto record = parse_key_record(text);
    CHECK(record.fault == KeyFault::private_key);
    CHECK(record.intended);
    CHECK_FALSE(record.valid());
    for (const auto& shown : {record.text, record.mended, record.fault_at})
      CHECK(shown.find(secret.substr(0, 20)) == std::string::npos);
    return record.text;
  };
  CHECK(hidden("v=DKIM1; k=rsa; p=" + secret + "; t=s") == "v=DKIM1; k=rsa; p=****");
  CHECK(hidden("\"v=DKIM1; p=" + secret + '"') == "\"v=DKIM1; p=****");
  CHECK(hidden("v=DKIM1\\; k=rsa\\; p=" + secret) == "v=DKIM1\\; k=rsa\\; p=****");
  CHECK(hidden("\"k=rsa; p=" + secret + '"') == "\"k=rsa; p=****");
  CHECK(hidden("v=DKIM1; p=\"" + secret + '"') == "v=DKIM1; p=\"****");
  CHECK(hidden("v=dkim1; p=" + secret) == "v=dkim1; p=****");
  CHECK(hidden("v=DKIM1; p=" + secret + "; p=" + secret) == "v=DKIM1; p=****");
  CHECK(hidden("v=DKIM1; p=" + secret + '"') == "v=DKIM1; p=****");
  CHECK(hidden("v=DKIM1; p=MII\" \"CWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or") == "v=DKIM1; p=****");
  // As long as a record can be, and any letter could begin a key.
  std::string letters;
  while (letters.size() < 65'000) letters += "MIM";
  CHECK(hidden(letters + secret) == letters + "****");
  for (const std::string before :
       {"v=DKIM1; k=rsa p=", "v=DKIM1, k=rsa, p=", "v=DKIM1: k=rsa: p=", "v=DKIM1; P=",
        "v=DKIM1; p:", "v=DKIM1; p==", "v=DKIM1; p=MIGfMA; p=", "v=DKIM1; n=note; x; p=",
        "v=DKIM1; n=", "this is the key ", ""}) {
    CHECK(hidden(before + secret) == before + "****");
    CHECK(hidden(before + "-----BEGIN RSA PRIVATE KEY----- " + secret) == before + "****");
    CHECK(hidden(before + "-----BEGIN ENCRYPTED PRIVATE KEY-----MIIFHDBOBgkqhkiG9w0BBQ0wQTAp") ==
          before + "****");
    // Of `openssl ecparam -genkey` and ssh-keygen.
    CHECK(hidden(before + "MHcCAQEEIAoKjnQUdNEIJZwgbKt0gRJWtoPVUtwMXYpLtZ4VoKlooAoGCCqG") ==
          before + "****");
    CHECK(hidden(before + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA") == before + "****");
  }
}

TEST_CASE("a private key without its first letters, with others among them, or encrypted") {
  const auto hidden = [](const std::string& value) {
    CAPTURE(value);
    const auto record = parse_key_record("v=DKIM1; k=rsa; p=" + value);
    CHECK(record.fault == KeyFault::private_key);
    return record.text;
  };
  const std::string all = "v=DKIM1; k=rsa; p=****";
  CHECK(hidden("IICXQIBAAKBgQDb/ytpWXiQ56BR0HKE6hrVa") == all);
  CHECK(hidden("XQIBAAKBgQDb/ytpWXiQ56BR0HKE6hrVa") == all);
  CHECK(hidden("IIEpAIBAAKCAQEAtGl8LbBlehr2+ec7udioq0eDq") == all);
  CHECK(hidden("IICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJd") == all);
  CHECK(hidden("C4CAQAwBQYDK2VwBCIEIBcFM/zJ/DrMoMJmyEQc") == all);
  for (const std::string between : {"-", "\\n", "\\r\\n", "; ", "=", "\xc2\xa0", "\\ ", "-_-"}) {
    CHECK(hidden("MIICXQIB" + between + "AAKBgQDb/ytpWXiQ56BR0HKE6hrVa") == all);
    CHECK(hidden("MIICX" + between + "QIBAAKBgQDb/ytpWXiQ56BR0HKE6hrVa") == all);
  }
  // PBES2, its length at each of three sizes, and the older scheme of PKCS#12.
  CHECK(hidden("MIIC3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQww") == all);
  CHECK(hidden("MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAc") == all);
  CHECK(hidden("MIICoTAbBgkqhkiG9w0BBQMwDgQIxD4FVOYeCPsCAggA") == all);
  CHECK(hidden("MIICojAcBgoqhkiG9w0BDAEDMA4ECMQ+BVTmHgj7AgII") == all);
  for (const std::string header :
       {"-----BEGIN RSA PRIVATE KEY-----", "-BEGIN RSA PRIVATE KEY-", "BEGIN PRIVATE KEY--",
        "\xe2\x80\x93 BEGIN EC PRIVATE KEY \xe2\x80\x93", "-----\" \"BEGINPRIVATEKEY",
        "PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----\\n"})
    CHECK(hidden(header + "Proc-Type: 4,ENCRYPTED") == all);
  CHECK(hidden("BEGIN RSA PRIVATE KEY " + std::string(64, 'q')) == all);
}

TEST_CASE("a private key beside a public one changes nothing for receivers") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const auto usual = DkimSigner::usual().record();
  for (const std::string note :
       {"; n=", "; n=-----BEGIN RSA PRIVATE KEY-----", "; h=sha256:", "; x=", "; z=1; n="}) {
    CAPTURE(note);
    const auto record = parse_key_record(usual + note + secret + "; t=y");
    CHECK(record.disclosed);
    CHECK(key_problem(record).empty());
    CHECK(record.key->bits() == 2048);
    CHECK(record.text.find(secret.substr(0, 20)) == std::string::npos);
    CHECK(record.text.ends_with("****"));
  }
  const auto behind = parse_key_record("v=DKIM1; n=" + secret + usual.substr(usual.find(';')));
  CHECK(key_problem(behind).empty());
  CHECK(behind.text == "v=DKIM1; n=****");
  const auto tested = parse_key_record(usual + "; n=" + secret + "; t=s:y");
  CHECK(tested.testing);
  CHECK(tested.strict_domain);
  // Where receivers cannot use the key for another reason the private one is the worst.
  for (const auto& text : {usual + "; n=" + secret + "; k=dsa", '"' + usual + "; n=" + secret + '"',
                           usual + "; p=" + secret, "v=DKIM1; p=; n=" + secret}) {
    CAPTURE(text);
    CHECK(parse_key_record(text).fault == KeyFault::private_key);
    CHECK_FALSE(parse_key_record(text).key);
  }
}

TEST_CASE("no public key and no prose is taken for a private key") {
  for (const auto& octets :
       {DkimSigner::usual().spki(), DkimSigner::ed25519().spki(), DkimSigner::ed25519().raw()}) {
    const auto key = test::to_base64(octets);
    CHECK(parse_key_record("v=DKIM1; p=" + key).fault != KeyFault::private_key);
    CHECK(parse_key_record("-----BEGIN PUBLIC KEY-----" + key).fault != KeyFault::private_key);
  }
  // Of an RSA key as PKCS#1, an elliptic curve, a certificate and a request for one.
  for (const std::string key :
       {"MIGJAoGBALRpfC2wZXoa9vnnO7nYqKtHg6vqJfyrnjtarp71aoInNdg", "MIIBCgKCAQEAtGl8LbBlehr2+ec7",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtGl8LbBlehr2+ec7udio", "MIIDXTCCAkWgAwIBAgIJALRpfC2w",
        "MIICijCCAXICAQAwRTELMAkGA1UEBhMCS1IxEzARBgNVBAgMClNvbWUt"})
    CHECK_FALSE(parse_key_record("v=DKIM1; p=" + key).disclosed);
  for (const std::string note :
       {"BEGIN RSA PRIVATE KEY is kept in the safe", "BEGIN RSA PRIVATE KEY - in the safe",
        "PRIVATE KEY -- in the safe", "BEGIN PRIVATE KEY", "do not BEGIN EC PRIVATE KEY here"}) {
    CAPTURE(note);
    const auto public_key = test::to_base64(DkimSigner::usual().spki());
    const auto record = parse_key_record("v=DKIM1; n=" + note + "; p=" + public_key);
    CHECK_FALSE(record.disclosed);
    CHECK(record.valid());
  }
  for (const auto* text : {"v=DKIM1; n=never publish the PRIVATE KEY; p=", "M", "MII", "MIICWwIBAA",
                           "MAMCAQA", "MMMMMMMMMMMMMMMM", "p=M"}) {
    CAPTURE(text);
    CHECK(parse_key_record(text).fault != KeyFault::private_key);
  }
}

TEST_CASE("flags, and texts that are no key") {
  const auto record = parse_key_record("v=DKIM1; g=*; t=y:s; p=");
  CHECK(record.testing);
  CHECK(record.strict_domain);
  CHECK(record.obsolete == std::vector<std::string>{"g="});
  CHECK_FALSE(parse_key_record("v=spf1 -all").is_dkim);
  CHECK_FALSE(parse_key_record("google-site-verification=abc").is_dkim);
  CHECK_FALSE(parse_key_record("v=DMARC1; p=none").is_dkim);
  CHECK(parse_key_record("k=rsa; p=" + std::string(60'000, '/')).fault == KeyFault::broken);
}

}  // namespace
}  // namespace maildiag::checks::dkim
