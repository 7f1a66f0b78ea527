package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings.Profile;

/**
 * What a sandbox is made from; sandboxes of equal blueprints are interchangeable.
 *
 * @param runtime the engine's runtime that isolates it
 * @param imageId the image's digest, as the engine knows it
 */
record Blueprint(Profile profile, String runtime, String imageId) {}
