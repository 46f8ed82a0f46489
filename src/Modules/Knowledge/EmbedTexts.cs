namespace Tenet.Knowledge;

/// <summary>
/// Texts as vectors, by the workspace's own model provider; null when it offers none. The seam that the Assistant fills (it knows the
/// providers): register the delegate, or leave it out and words alone find the pages.
/// </summary>
/// <exception cref="EmbeddingsException">The provider cannot be asked now, or its answer is none.</exception>
/// <param name="workspaceId">The tenant, whose key pays.</param>
/// <param name="texts">At most a few hundred, each at most one chunk long.</param>
/// <param name="ct">Ends the call.</param>
public delegate Task<Embeddings?> EmbedTexts(Guid workspaceId, IReadOnlyList<string> texts, CancellationToken ct);

/// <param name="Model">Only vectors of the same model can be compared.</param>
/// <param name="Vectors">In the order of the texts, each of length 1.</param>
public sealed record Embeddings(string Model, IReadOnlyList<float[]> Vectors);

/// <summary>A provider that should give vectors gave none. The message holds nothing of the texts.</summary>
public sealed class EmbeddingsException(string message) : Exception(message);
