namespace Requant.Samples.Tests.DataParallel;

/// <summary>A file with enough text for a tiny training, until it is disposed of.</summary>
internal sealed class TextFile : IDisposable
{
    private const int Length = 60_000;
    private const string Alphabet = "abcdefgh \n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("data-parallel");

    public TextFile()
    {
        Path = System.IO.Path.Combine(_folder.FullName, "text.txt");
        File.WriteAllText(Path, new string(new Random(1).GetItems<char>(Alphabet, Length)));
    }

    public string Path { get; }

    /// <summary>Another file, beside it.</summary>
    public string Beside(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
