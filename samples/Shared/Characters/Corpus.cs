using System.Text;

namespace Requant.Samples;

/// <summary>Text as numbers, split into a training and a validation part.</summary>
internal sealed class Corpus
{
    /// <summary>Shorter texts do not fill the validation part.</summary>
    public const int MinLength = 50_000;

    private const int DefaultLength = 4_000_000;
    private const int BlockLength = 8_192;
    private const int ValidationBlockEvery = 10;

    private Corpus(string source, byte[] text)
    {
        byte[] alphabet = [.. text.Distinct().Order()];
        long[] indexOf = new long[256];
        for (int i = 0; i < alphabet.Length; i++)
        {
            indexOf[alphabet[i]] = i;
        }

        ILookup<bool, byte[]> parts = text.Chunk(Math.Min(BlockLength, text.Length / ValidationBlockEvery))
            .Index().ToLookup(block => block.Index % ValidationBlockEvery == ValidationBlockEvery - 1,
                block => block.Item);
        Source = source;
        VocabularySize = alphabet.Length;
        Training = [.. parts[false].SelectMany(block => block).Select(symbol => indexOf[symbol])];
        Validation = [.. parts[true].SelectMany(block => block).Select(symbol => indexOf[symbol])];
    }

    /// <summary>Where the text is from, for people.</summary>
    public string Source { get; }

    /// <summary>Different bytes in the text.</summary>
    public int VocabularySize { get; }

    /// <summary>Nine tenths of the text, as indices into the vocabulary.</summary>
    public long[] Training { get; }

    /// <summary>Every tenth block of the text.</summary>
    public long[] Validation { get; }

    /// <summary>Reads a file as bytes.</summary>
    /// <exception cref="UsageException">It is missing, unreadable or too short.</exception>
    public static Corpus FromFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"--data: there is no file '{path}'. Give the path of a text file, or leave "
                + "--data out to train on the documentation of the installed .NET SDK.");
        }

        try
        {
            return Create(path, File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--data: '{path}' cannot be read: {exception.Message}");
        }
    }

    /// <summary>English prose that is on every machine with an SDK: what the reference pack's XML documentation
    /// says.</summary>
    /// <exception cref="UsageException">No reference pack is installed.</exception>
    public static Corpus FromDotnetDocumentation()
    {
        (string folder, string text) = DotnetDocumentation.Read(DefaultLength);
        return Create(folder, Encoding.UTF8.GetBytes(text));
    }

    private static Corpus Create(string source, byte[] text) => text.Length >= MinLength
        ? new Corpus(source, text)
        : throw new UsageException($"The text '{source}' has {text.Length:N0} bytes; training needs at least "
            + $"{MinLength:N0}. "
            + "Choose a longer one with --data.");
}
