package dev.gatehouse;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An issuer of tokens with real keys, whose public ones a real HTTP server has. */
final class TokenIssuer implements AutoCloseable {
  static final String NAME = "https://issuer.example/";
  static final String AUDIENCE = "gatehouse";

  private final Map<String, JWK> published = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final RSAKey rsa;
  private final HttpServer server;
  private volatile int status = 200;

  private TokenIssuer() {
    try {
      rsa = new RSAKeyGenerator(2048).keyID("first").generate();
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    } catch (JOSEException | IOException e) {
      throw new AssertionError(e);
    }
    publish(rsa);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/jwks",
        exchange -> {
          asked.incrementAndGet();
          byte[] set =
              new JWKSet(published.values().stream().toList())
                  .toPublicJWKSet()
                  .toString()
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, set.length);
          try (exchange) {
            exchange.getResponseBody().write(set);
          } catch (IOException gone) {
            throw new UncheckedIOException(gone);
          }
        });
    server.start();
  }

  static TokenIssuer start() {
    return new TokenIssuer();
  }

  /** Its entry in a configuration, with more fields. */
  String entry(String more) {
    return "[{issuer: '%s', audience: %s, jwks: '%s', tenantClaim: tenant, groupsClaim: groups%s}]"
        .formatted(NAME, AUDIENCE, address(), more);
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
  }

  /** How often its keys were asked for. */
  int asked() {
    return asked.get();
  }

  /** From now on it answers with this status. */
  void answerWith(int answer) {
    status = answer;
  }

  void publish(JWK key) {
    published.put(key.getKeyID(), key);
  }

  void withdraw(String id) {
    published.remove(id);
  }

  RSAKey key() {
    return rsa;
  }

  /** What a usual token says: an agent of the tenant default, for five minutes. */
  static JWTClaimsSet.Builder claims(String subject) {
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .audience(AUDIENCE)
        .subject(subject)
        .claim("tenant", "default")
        .claim("role", "agent")
        .expirationTime(Date.from(Instant.now().plusSeconds(300)));
  }

  /** A usual token of somebody. */
  String token(String subject) {
    return token(subject, claims -> claims);
  }

  String token(String subject, UnaryOperator<JWTClaimsSet.Builder> change) {
    return token(rsa, JWSAlgorithm.RS256, change.apply(claims(subject)).build());
  }

  static String token(JWK key, JWSAlgorithm algorithm, JWTClaimsSet claims) {
    return token(key, algorithm, claims.toString());
  }

  /** Signs claims that may be no proper ones. */
  static String token(JWK key, JWSAlgorithm algorithm, String claims) {
    JWSHeader header = new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build();
    return signed(signer(key), header, claims);
  }

  static String signed(JWSSigner signer, JWSHeader header, String claims) {
    String input = header.toBase64URL() + "." + Base64URL.encode(claims);
    try {
      return input + "." + signer.sign(header, input.getBytes(StandardCharsets.US_ASCII));
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static JWSSigner signer(JWK key) {
    try {
      return switch (key) {
        case RSAKey one -> new RSASSASigner(one);
        case ECKey one -> new ECDSASigner(one);
        default -> throw new AssertionError(key.getKeyType());
      };
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  static ECKey ec(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** Publishes an Ed25519 key, and signs with it. */
  String edwards(String id, JWTClaimsSet claims) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      byte[] x = java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
      publish(new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).keyID(id).build());
      JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID(id).build();
      String input = header.toBase64URL() + "." + Base64URL.encode(claims.toString());
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + Base64URL.encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
