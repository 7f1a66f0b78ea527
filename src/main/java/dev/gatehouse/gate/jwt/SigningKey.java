package dev.gatehouse.gate.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.util.Optional;
import java.util.Set;

/**
 * A public key of an issuer. What may be signed with it follows from what it is: a token that says
 * otherwise is not even looked at with it, so that no public key is ever taken for a shared secret.
 *
 * @param id its {@code kid}
 * @param print tells it from every other key
 */
record SigningKey(String id, String print, Set<JWSAlgorithm> algorithms, JWSVerifier verifier) {
  private static final int MIN_RSA_BITS = 2048;

  /** So that nobody's key holds a thread for long. */
  private static final int MAX_RSA_BITS = 8192;

  /** Empty for a key that nothing is checked with here. */
  static Optional<SigningKey> of(JWK key, Set<JWSAlgorithm> taken) {
    KeyUse use = key.getKeyUse();
    if (key.getKeyID() == null
        || key.getKeyID().isEmpty()
        || (use != null && !use.equals(KeyUse.SIGNATURE))) {
      return Optional.empty();
    }
    try {
      return switch (key) {
        case RSAKey rsa when rsa.size() >= MIN_RSA_BITS && rsa.size() <= MAX_RSA_BITS ->
            of(
                key,
                taken,
                Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256),
                new RSASSAVerifier(rsa.toRSAPublicKey()));
        case ECKey curve when curve.getCurve().equals(Curve.P_256) ->
            of(key, taken, Set.of(JWSAlgorithm.ES256), new ECDSAVerifier(curve.toECPublicKey()));
        case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
            of(key, taken, Set.of(JWSAlgorithm.EdDSA), new Ed25519Verifier(pair));
        default -> Optional.empty();
      };
    } catch (JOSEException e) {
      return Optional.empty();
    }
  }

  private static Optional<SigningKey> of(
      JWK key, Set<JWSAlgorithm> taken, Set<JWSAlgorithm> possible, JWSVerifier verifier)
      throws JOSEException {
    Set<JWSAlgorithm> algorithms = new java.util.HashSet<>(possible);
    algorithms.retainAll(taken);
    if (key.getAlgorithm() != null) {
      algorithms.removeIf(one -> !one.getName().equals(key.getAlgorithm().getName()));
    }
    return algorithms.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SigningKey(
                key.getKeyID(),
                key.computeThumbprint().toString(),
                Set.copyOf(algorithms),
                verifier));
  }
}
