namespace Tenet.Knowledge.Ranking;

/// <summary>
/// The weight of a term in a passage (BM25F's pseudo-frequency: occurrences by field, weighted and normalised by the field's length), kept in one
/// byte on a logarithmic scale: steps of 3 %, far below what changes an order that matters.
/// </summary>
internal static class Impact
{
    public const float TitleWeight = 3.0f;
    public const float HeadingWeight = 2.4f;
    const float TitleLength = 5;
    const float HeadingLength = 6;
    const float BodyLength = 130;
    const float TitleNormal = 0.8f;
    const float HeadingNormal = 0.6f;
    const float BodyNormal = 0.6f;
    const float K1 = 1.6f;
    const float Smallest = 0.02f;
    const float Largest = 40f;

    static readonly float Steps = 255 / MathF.Log(Largest / Smallest);
    static readonly float[] Saturations = [.. Enumerable.Range(0, 256).Select(i => Saturate(Decode((byte)i)))];

    public static float OfTitle(int length) => TitleWeight / Normal(length, TitleLength, TitleNormal);

    public static float OfHeading(int length) => HeadingWeight / Normal(length, HeadingLength, HeadingNormal);

    public static float OfBody(int length) => 1 / Normal(length, BodyLength, BodyNormal);

    public static byte Encode(float frequency) => (byte)Math.Clamp(MathF.Round(MathF.Log(frequency / Smallest) * Steps), 0, 255);

    public static float Decode(byte impact) => Smallest * MathF.Exp(impact / Steps);

    /// <summary>tf·(k1+1)/(tf+k1) of a stored weight.</summary>
    public static float Saturation(byte impact) => Saturations[impact];

    public static ReadOnlySpan<float> All => Saturations;

    static float Saturate(float frequency) => frequency * (K1 + 1) / (frequency + K1);

    static float Normal(int length, float average, float b) => 1 - b + (b * length / average);
}
